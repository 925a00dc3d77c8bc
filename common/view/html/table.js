// SPDX-License-Identifier: MIT
// A view as a table: only the rows in sight are in the page, however many there are.

const ROW = 24; // height of a row, as in report.css
const AROUND = 12; // rows drawn above and below those in sight
const PRINTED = 2000; // rows on paper
const WIDEST = 60; // characters of a column that can do with less
const WIDEST_TABLE = 400; // characters
const NARROW = 480; // pixels of a page in which names give way to what changed
const NARROW_NAME = 14; // characters of those
const BAR = 14; // characters of a column of bars
const PADDING = 9; // of a cell on each side, as in report.css
const INDENT = 16; // of each level

// The column whose text leads on, where it is not the first.
const LEADING = {
	strings: "text", constants: "text", layout: "owner", code: "comment", xref: "line",
	requires: "line", globals: "name",
};

class Table {
	// link(view, row): where a row leads to, as an address; null: nowhere.
	// naming(address): what is there.
	constructor(sort, link, naming) {
		this.head = el("thead");
		this.body = el("tbody");
		this.cols = el("colgroup");
		this.box = el("div", { class: "rows", tabindex: "0", role: "region" },
			el("table", { class: "view" }, this.cols, this.head, this.body));
		this.detail = el("aside",
			{ class: "detail", hidden: true, "aria-label": "The row in full" });
		this.sort = sort;
		this.link = link;
		this.naming = naming;
		this.box.addEventListener("scroll", () => this.draw());
		this.box.addEventListener("keydown", e => this.key(e));
		this.body.addEventListener("click", e => {
			const row = e.target.closest("tr[data-at]");
			if (row && !e.target.closest("a") && !String(getSelection()))
				this.choose(+row.dataset.at, true);
		});
		new ResizeObserver(() => this.resize()).observe(this.box);
		addEventListener("beforeprint", () => this.draw(PRINTED));
		addEventListener("afterprint", () => this.draw());
	}

	// order: {column, down} or null; keep(row): belongs to what is looked at.
	show(view, query, order, keep) {
		const same = this.view === view;
		this.view = view;
		this.order = order;
		this.flat = order !== null;
		this.arrange();
		this.rows = this.select(query, keep);
		this.chosen = -1;
		this.detail.hidden = true;
		this.box.classList.toggle("code", view.name === "code" || view.name === "disasm");
		this.box.classList.toggle("record", view.record);
		this.box.setAttribute("aria-label", view.title);
		this.measure();
		this.drawHead();
		if (!same)
			this.box.scrollTop = this.box.scrollLeft = 0;
		this.draw();
	}

	// In a narrow table what changed and the numbers stand behind the name, in sight.
	arrange() {
		const columns = this.view.columns;
		const shown = this.view.shown(this.flat || this.view.record);
		const rank = c => c === shown[0] ? 0 : columns[c].type === "change" ? 1
			: columns[c].right ? 2 : 3;
		this.narrow = this.box.parentNode.clientWidth < NARROW && !this.view.record &&
			shown.some(c => columns[c].type === "change");
		this.columns = this.narrow ? shown.sort((a, b) => rank(a) - rank(b)) : shown;
	}

	resize() {
		const before = this.narrow;
		if (!this.view)
			return;
		this.arrange();
		if (this.narrow !== before) {
			this.measure();
			this.drawHead();
		}
		this.draw();
	}

	width(c) {
		const most = this.narrow && c === this.columns[0] ? NARROW_NAME : WIDEST;
		return Math.min(this.view.widths[c], most);
	}

	select(query, keep) {
		const v = this.view;
		const words = query.toLowerCase().split(/\s+/).filter(w => w);
		const matches = i => words.every(w => v.searched(i).includes(w));
		const rows = [];
		let heading = -1, all = false;

		if (v.record)
			return v.rows.flatMap((r, i) =>
				this.columns.filter(c => v.text(i, c)).map(c => [i, c]));
		for (let i = 0; i < v.rows.length; i++) {
			if (keep && !keep(i))
				continue;
			if (v.isHeading(i)) {
				heading = i;
				all = words.length > 0 && matches(i);
				continue;
			}
			if (!all && !matches(i))
				continue;
			if (heading >= 0 && !this.flat)
				rows.push(heading);
			heading = -1;
			rows.push(i);
		}
		return this.order ? this.sorted(rows) : rows;
	}

	// Cells without a value come last either way.
	sorted(rows) {
		const c = this.view.index.get(this.order.column);
		const type = this.view.columns[c].type;
		const key = i => {
			const v = this.view.value(i, c);
			return type === "real" && v !== null ? parseFloat(v) || 0 : v;
		};
		const keys = new Map(rows.map(i => [i, key(i)]));
		const compare = (a, b) => a < b ? -1 : a > b ? 1 : 0;
		const sign = this.order.down ? -1 : 1;
		return rows.sort((a, b) => {
			const x = keys.get(a), y = keys.get(b);
			if (x === null || y === null)
				return (x === null) - (y === null) || a - b;
			return sign * compare(x, y) || a - b;
		});
	}

	// Widths by the longest texts, in characters.
	measure() {
		const v = this.view;
		if (v.record)
			return;
		if (!v.widths)
			v.widths = v.columns.map((c, k) => {
				let most = c.title.length + 2;
				for (let i = 0; i < v.rows.length && most < WIDEST; i++) {
					const inside = k === 0 && v.levels ? v.levels[i] * 2 : 0;
					if (!v.isHeading(i))
						most = Math.max(most, v.text(i, k).length + inside);
				}
				return c.type === "bar" ? BAR : Math.min(most, WIDEST);
			});
		const last = this.columns[this.columns.length - 1];
		this.cols.replaceChildren(...this.columns.map(c => {
			const col = el("col");
			const wide = c === last && !v.columns[c].right;
			col.style.width = wide ? "auto" : `calc(${this.width(c)}ch + ${2 * PADDING}px)`;
			return col;
		}));
		const least = this.columns.reduce((sum, c) => sum + this.width(c), 0);
		this.box.classList.toggle("tight", v.columns[last].right);
		this.box.firstChild.style.minWidth =
			`calc(${Math.min(least, WIDEST_TABLE)}ch + ${2 * PADDING * this.columns.length}px)`;
	}

	drawHead() {
		const v = this.view;
		this.head.replaceChildren();
		if (v.record) {
			this.cols.replaceChildren();
			this.box.firstChild.style.minWidth = "";
			return;
		}
		this.head.append(el("tr", null, ...this.columns.map(i => {
			const c = v.columns[i];
			const now = this.order && this.order.column === c.name;
			const state = now ? (this.order.down ? "descending" : "ascending") : "none";
			const side = c.right ? "right" : null;
			const button = el("button", { type: "button", onclick: () => this.sort(c) },
				c.title);
			return el("th", { scope: "col", class: side, "aria-sort": state,
				title: c.help }, button);
		})));
	}

	// all: how many rows, wherever one has scrolled to.
	draw(all) {
		if (!this.view)
			return;
		const n = this.rows.length;
		const printed = this.view.record ? n : all;
		const above = Math.max(0, Math.floor(this.box.scrollTop / ROW) - AROUND);
		const first = printed ? 0 : above;
		const end = printed ? Math.min(n, printed)
			: Math.min(n, first + Math.ceil(this.box.clientHeight / ROW) + 2 * AROUND);
		const rows = [];
		for (let at = first; at < end; at++)
			rows.push(this.row(at));
		this.body.replaceChildren(this.space(first), ...rows,
			this.space(printed ? 0 : n - end));
		if (!n)
			this.body.append(el("tr", { class: "none" },
				el("td", { colspan: this.columns.length || 1 }, "Nothing here")));
	}

	space(rows) {
		const tr = el("tr", { class: "space", "aria-hidden": "true" });
		tr.style.height = rows * ROW + "px";
		return tr;
	}

	row(at) {
		const v = this.view, i = this.rows[at];
		if (v.record)
			return this.field(...i);
		const tr = el("tr", { "data-at": at, class: at === this.chosen ? "chosen" : null });
		if (v.isHeading(i)) {
			tr.classList.add("heading");
			tr.append(el("th", { colspan: this.columns.length, scope: "rowgroup" },
				v.text(i)));
		} else {
			tr.append(...this.columns.map((c, k) => this.cell(i, c, k)));
		}
		return tr;
	}

	// A line of a record.
	field(i, c) {
		const column = this.view.columns[c];
		return el("tr", { class: i && c === this.columns[0] ? "next" : null },
			el("th", { scope: "row", title: column.help }, column.title),
			el("td", null, this.view.text(i, c)));
	}

	cell(i, c, k) {
		const v = this.view, column = v.columns[c];
		const td = el("td", { class: column.right ? "right" : null });
		if (column.type === "bar") {
			const bar = el("i", { class: "k1" });
			bar.style.width = (v.value(i, c) || 0) * 100 + "%";
			td.className = "bar";
			td.append(bar);
			return td;
		}
		const text = v.text(i, c);
		const to = column.name === LEADING[v.name] || (!LEADING[v.name] && k === 0)
			? this.link(v, i) : null;
		if (k === 0 && v.levels && v.levels[i] && !this.flat)
			td.style.paddingLeft = PADDING + v.levels[i] * INDENT + "px";
		td.append(to && text !== "" ? el("a", { href: to }, text) : text);
		if (column.type === "change" && v.value(i, c))
			td.classList.add(v.value(i, c) > 0 ? "plus" : "minus");
		return td;
	}

	// Brings a row into sight.
	reveal(at) {
		const top = at * ROW;
		const room = this.box.clientHeight - 2 * ROW;
		if (top < this.box.scrollTop || top > this.box.scrollTop + room - ROW)
			this.box.scrollTop = Math.max(0, top - room / 3);
	}

	// The row of the view with that number, wherever it stands now.
	go(i) {
		const at = this.rows.indexOf(i);
		if (at < 0)
			return;
		this.chosen = at;
		this.box.scrollTop = Math.max(0, (at - 1) * ROW);
		this.draw();
	}

	choose(at, open) {
		if (at < 0 || at >= this.rows.length || this.view.record)
			return;
		this.chosen = at;
		this.reveal(at);
		this.draw();
		if (open)
			this.tell(this.rows[at]);
		else
			this.detail.hidden = true;
	}

	// All of a row, the columns that tables leave out too.
	tell(i) {
		const v = this.view;
		const to = this.link(v, i);
		const shown = v.isHeading(i) ? [] : v.columns.map((c, k) => k)
			.filter(k => v.columns[k].type !== "bar" && v.text(i, k) !== "")
			.flatMap(k => [el("dt", { title: v.columns[k].help }, v.columns[k].title),
				el("dd", null, v.text(i, k))]);
		this.detail.replaceChildren(
			el("button", { type: "button", class: "close", "aria-label": "Close",
				onclick: () => this.close() }, "×"),
			v.isHeading(i) ? el("h3", null, v.text(i)) : el("dl", null, ...shown),
			to ? el("p", null, el("a", { href: to }, `${this.naming(to)} ›`)) : null);
		this.detail.hidden = false;
	}

	close() {
		this.detail.hidden = true;
		this.box.focus();
	}

	key(e) {
		const page = Math.max(1, Math.floor(this.box.clientHeight / ROW) - 2);
		const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page,
			Home: -Infinity, End: Infinity };
		const open = !this.detail.hidden;
		if (e.target !== this.box || e.ctrlKey || e.metaKey || e.altKey)
			return;
		if (e.key in moves && !this.view.record) {
			const to = Math.max(this.chosen, moves[e.key] > 0 ? -1 : 0) + moves[e.key];
			e.preventDefault();
			this.choose(Math.min(Math.max(to, 0), this.rows.length - 1), open);
		} else if (e.key === "Enter" && this.chosen >= 0) {
			this.choose(this.chosen, true);
		} else if (e.key === "Escape") {
			this.close();
		}
	}
}
