// SPDX-License-Identifier: MIT
// The map: nested rectangles, whose areas are bytes and whose colours are what they hold.

// Colours by kind; others get what is left.
const COLOURS = {
	"code": 1, "strings": 2, "constants": 3, "prototype records": 4, "line info": 5,
	"local and upvalue names": 6, "header": 7, "hash vector": 8, "module list": 9, "padding": 0,
	"(damaged)": "bad",
	"code, flash": 1, "data, flash": 4, "strings, flash": 2, "constants, flash": 8,
	"IRAM": 3, "DRAM": 5, "flash": 1, "other": 0,
	"added": "more", "grown": "grown", "shrunk": "shrunk", "removed": "less", "same": 0,
	"changed": 4, "lines": 5, "names": 6,
};
const colourOf = kind => "k" + (COLOURS[kind] !== undefined ? COLOURS[kind] : 4);

const HEAD = 17; // height of a group's name
const GAP = 2;
const SHOWN = 500; // rectangles of one group
const AREA = 60; // square pixels for each of them, so that it can be seen
const TOP_AREA = 480; // and for each that can be chosen
const SMALLEST = 5; // side of a rectangle that is worth an element

// Places nodes, the largest first, in rows that are as square as can be (Bruls, Huizing, van Wijk).
function squarify(nodes, box, place) {
	let { x, y, w, h } = box;
	let left = nodes.reduce((sum, n) => sum + n.bytes, 0);

	for (let i = 0, end; i < nodes.length && left > 0; i = end) {
		const side = Math.min(w, h);
		const scale = w * h / left;
		const first = nodes[i].bytes * scale;
		let sum = 0, worst = Infinity;
		for (end = i; end < nodes.length; end++) {
			const area = nodes[end].bytes * scale;
			const thick = (sum + area) / side;
			const ratio = Math.max(first / thick / thick, thick * thick / area);
			if (ratio > worst)
				break;
			worst = ratio;
			sum += area;
		}
		let at = 0;
		const thick = sum / side;
		for (let k = i; k < end; k++) {
			const length = nodes[k].bytes * scale / thick;
			place(nodes[k], w < h ? { x: x + at, y, w: length, h: thick }
				: { x, y: y + at, w: thick, h: length });
			at += length;
			left -= nodes[k].bytes;
		}
		if (w < h) {
			y += thick;
			h -= thick;
		} else {
			x += thick;
			w -= thick;
		}
	}
}

// The largest nodes of a group, and one that stands for all others.
function largest(node, room, area) {
	const sorted = node.kids.filter(k => k.bytes > 0).sort((a, b) => b.bytes - a.bytes);
	const most = Math.max(1, Math.min(SHOWN, Math.floor(room / area)));
	if (sorted.length <= most)
		return sorted;
	const rest = sorted.splice(most - 1);
	const sums = new Map();
	for (const n of rest)
		n.kinds(sums);
	const kind = [...sums].sort((a, b) => b[1] - a[1])[0][0];
	const more = new Node(plural(rest.length, "smaller one"), 0, kind, null);
	more.bytes = rest.reduce((sum, n) => sum + n.bytes, 0);
	more.stands = true;
	sorted.push(more);
	return sorted.sort((a, b) => b.bytes - a.bytes);
}

// Too little room for what is in a node: what kinds of bytes it has.
const kindsOf = node => [...node.kinds()].filter(k => k[1]).sort((a, b) => b[1] - a[1])
	.map(([kind, bytes]) => Object.assign(new Node("", bytes, kind, null), { of: node }));

const mainKind = node => {
	const kinds = [...node.kinds()].sort((a, b) => b[1] - a[1]);
	return kinds.length ? kinds[0][0] : node.kind;
};

class Treemap {
	// open: called with a node that was clicked or chosen with the keyboard; up: leaves one.
	constructor(open, up) {
		this.area = el("div",
			{ class: "map", role: "group", "aria-label": "Map of the bytes" });
		this.info = el("p", { class: "info", "aria-live": "polite" });
		this.legend = el("table", { class: "legend" });
		this.open = open;
		this.area.addEventListener("mouseover", e => this.tell(this.nodeAt(e.target)));
		this.area.addEventListener("mouseleave", () => this.tell(null));
		this.area.addEventListener("focusin", e => this.tell(this.nodeAt(e.target)));
		this.area.addEventListener("click", e => this.choose(e.target));
		this.area.addEventListener("keydown", e => {
			const choose = () => this.choose(e.target);
			const keys = { "Enter": choose, " ": choose, "Escape": up, "Backspace": up };
			if (!(e.key in keys))
				return;
			e.preventDefault();
			keys[e.key]();
		});
		new ResizeObserver(() => this.draw()).observe(this.area);
	}

	choose(target) {
		const top = target.closest(".tile.top");
		if (top && !this.nodes.get(top).stands)
			this.open(this.nodes.get(top));
	}

	nodeAt(target) {
		const tile = target.closest(".tile");
		const node = tile ? this.nodes.get(tile) : null;
		return node && node.of ? node.of : node;
	}

	show(report, node) {
		this.report = report;
		this.node = node;
		this.width = 0;
		this.draw();
		this.drawLegend();
		this.tell(null);
	}

	words(node) {
		const names = [];
		for (let n = node; n && n !== this.node; n = n.up)
			names.unshift(n.name || "(no name)");
		const change = node.change !== undefined && node.change !== null
			? ", " + formats.change(node.change) : "";
		return [names.join(" › "), grouped(node.bytes) + " bytes" + change + ", " +
			share(node.bytes, this.report.tree.bytes) + " of " +
			(this.report.kind === "firmware" ? "the firmware" : "all")];
	}

	tell(node) {
		this.info.replaceChildren();
		if (node && node !== this.node) {
			const [name, numbers] = this.words(node);
			this.info.append(el("b", null, name), " " + numbers);
			if (node.kind && !node.kids.length)
				this.info.append(el("span", { class: "kind" }, node.kind));
		} else if (this.node) {
			const part = share(this.node.bytes, this.report.tree.bytes);
			this.info.append(grouped(this.node.bytes) + " bytes" +
				(this.report.kind === "diff" ? ", of each part the larger of both" : "") +
				(this.node.up ? `, ${part} of all` : ""));
		}
	}

	draw() {
		const w = this.area.clientWidth, h = this.area.clientHeight;
		if (!this.node || !w || (w === this.width && h === this.height))
			return;
		this.width = w;
		this.height = h;
		this.nodes = new Map();
		const tiles = document.createDocumentFragment();
		const nodes = this.node.kids.length ? largest(this.node, w * h, TOP_AREA) : [this.node];
		squarify(nodes, { x: 0, y: 0, w, h }, (n, box) => this.put(tiles, n, box, 0));
		this.area.replaceChildren(tiles);
	}

	put(into, node, box, depth) {
		if (box.w < SMALLEST || box.h < SMALLEST)
			return;
		const many = node.kids.length > 1 && !node.leaf;
		const group = many && box.w > 36 && box.h > HEAD + 14;
		const kind = mainKind(node);
		const tile = el("div", { class: `tile ${group ? "group" : colourOf(kind)}` });
		tile.dataset.kind = kind;
		for (const [name, value] of [["left", box.x], ["top", box.y],
			["width", Math.max(box.w - GAP, 1)], ["height", Math.max(box.h - GAP, 1)]])
			tile.style[name] = value + "px";
		if (depth === 0) {
			tile.classList.add("top");
			tile.tabIndex = 0;
			tile.setAttribute("role", "button");
			tile.setAttribute("aria-label", this.words(node).join(", "));
		}
		if ((group || !many) && !node.of && box.w > 30 && box.h > 15)
			tile.append(el("span", { class: "name" },
				(box.w < 150 && node.brief) || node.name || "(no name)",
				box.w > 110 ? el("span", { class: "bytes" }, grouped(node.bytes))
					: null));
		this.nodes.set(tile, node);
		if (many) {
			const w = box.w - GAP, h = box.h - GAP;
			const inner = group ? { x: 2, y: HEAD, w: w - 4, h: h - HEAD - 1 }
				: { x: 0, y: 0, w, h };
			const roomy = group && box.w > 64 && box.h > HEAD + 30;
			squarify(roomy ? largest(node, inner.w * inner.h, AREA) : kindsOf(node), inner,
				(n, b) => this.put(tile, n, b, depth + 1));
		}
		into.append(tile);
	}

	drawLegend() {
		const sums = [...this.node.kinds()].filter(k => k[1]).sort((a, b) => b[1] - a[1]);
		const most = sums.length ? sums[0][1] : 1;
		this.legend.replaceChildren(...sums.map(([kind, bytes]) => {
			const bar = el("i", { class: colourOf(kind) });
			bar.style.width = bytes / most * 100 + "%";
			const row = el("tr", null,
				el("td", { class: "swatch" }, el("i", { class: colourOf(kind) })),
				el("th", { scope: "row" }, kind),
				el("td", { class: "right" }, grouped(bytes)),
				el("td", { class: "right dim" }, share(bytes, this.node.bytes)),
				el("td", { class: "bar" }, bar));
			row.addEventListener("mouseenter", () => this.mark(kind));
			row.addEventListener("mouseleave", () => this.mark(null));
			return row;
		}));
	}

	// Dims all that is of another kind.
	mark(kind) {
		for (const tile of this.area.querySelectorAll(".tile:not(.group)"))
			tile.classList.toggle("faint", kind !== null && tile.dataset.kind !== kind);
	}
}
