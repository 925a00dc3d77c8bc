// SPDX-License-Identifier: MIT
// The trees that the map shows, of what views say.

// The rows of a view that may not be there.
const numbers = view => view ? view.rows.map((r, i) => i) : [];

// Ids of instructions have their function above 32 bits; its heading has all of these set.
const PROTO = 2 ** 32;
const headingOf = proto => proto * PROTO + PROTO - 1;
const protoOf = id => Math.floor(id / PROTO);

class Node {
	constructor(name, bytes, kind, up) {
		Object.assign(this, { name, bytes, kind, up, kids: [] });
		if (up)
			up.kids.push(this);
	}

	// Sums below it, by kind.
	kinds(sums = new Map()) {
		for (const k of this.kids)
			k.kinds(sums);
		if (!this.kids.length)
			sums.set(this.kind, (sums.get(this.kind) || 0) + this.bytes);
		return sums;
	}

	// Adds up what is below it.
	sum() {
		if (this.kids.length)
			this.bytes = this.kids.reduce((sum, k) => sum + k.sum(), 0);
		return this.bytes;
	}

	path() {
		return this.up ? [...this.up.path(), this.up.kids.indexOf(this)] : [];
	}

	// Its own value of a property, or that of the nearest node around it.
	inherited(name) {
		if (this[name] !== undefined)
			return this[name];
		return this.up ? this.up.inherited(name) : undefined;
	}
}

// An image: what the layout says, below its owners. Padding belongs to what stands before it, so
// that sums are those of the other views.
class ImageTree {
	constructor(report) {
		this.layout = report.view("layout");
		this.protos = report.view("prototypes");
		this.strings = report.view("strings");
		this.modules = report.view("modules");
		this.root = new Node(report.short, 0, null, null);
		this.nodes = new Map();
		let owner = this.root;

		for (let i = 0; i < this.layout.rows.length; i++) {
			const kind = this.layout.value(i, "kind");
			if (kind !== "padding")
				owner = this.owner(i, kind);
			this.leaf(owner, i, kind);
		}
		this.root.sum();
	}

	// The node of that key, which is made by make() when it is new.
	once(key, make) {
		if (!this.nodes.has(key))
			this.nodes.set(key, make());
		return this.nodes.get(key);
	}

	owner(i, kind) {
		const index = this.layout.value(i, "owner_index");
		switch (this.layout.value(i, "owner_kind")) {
		case "prototype": return this.sharedLines(i) || this.proto(index);
		case "string": return this.string(index, this.layout.text(i, "owner") || kind);
		default: return this.root;
		}
	}

	// Line info of 5.1 is a string, which functions of several modules may have in common.
	sharedLines(i) {
		if (!this.lines)
			this.lines = new Map(numbers(this.strings)
				.filter(k => this.strings.value(k, "kind") === "line_info")
				.map(k => [this.strings.value(k, "offset"), k]));
		const row = this.layout.value(i, "part") === "lines"
			? this.lines.get(this.layout.value(i, "offset")) : undefined;
		return row !== undefined && this.strings.value(row, "module") === null
			? this.string(this.strings.id(row), "line info") : null;
	}

	// Bytes of one kind that one owner has, as one leaf.
	leaf(owner, i, kind) {
		const bytes = this.layout.value(i, "length") || 0;
		if (owner.leaf) {
			new Node(kind, bytes, kind, owner).link = owner.link;
			return;
		}
		const leaf = this.once(`${kind} of ${owner.key}`,
			() => new Node(kind, 0, kind, owner));
		leaf.link = owner.link || ["layout", this.layout.id(i)];
		leaf.bytes += bytes;
	}

	named(key, name, up, more) {
		return this.once(key,
			() => Object.assign(new Node(name, 0, null, up), { key }, more));
	}

	module(row) {
		if (row < 0)
			return this.root;
		const name = this.modules.text(row, "name");
		return this.named("module " + row, name, this.root, { is: "module", module: name });
	}

	moduleCalled(name) {
		if (!this.rowOf)
			this.rowOf = new Map(numbers(this.modules).reverse()
				.map(i => [this.modules.text(i, "name"), i]));
		return this.module(this.rowOf.has(name) ? this.rowOf.get(name) : -1);
	}

	// Functions stand beside the main one that they are in, as in the browser's tree.
	proto(id) {
		const row = this.protos ? this.protos.find(id) : -1;
		if (row < 0)
			return this.root;
		const [parent, first, last] = ["parent", "line_first", "line_last"]
			.map(c => this.protos.value(row, c));
		const main = this.isMain(row);
		const up = main || this.isMain(this.protos.find(parent))
			? this.moduleCalled(this.protos.value(row, "module")) : this.proto(parent);
		const brief = up === this.root ? this.protos.text(row, "function")
			: main ? "main" : `${first}-${last}`;
		const name = main || up === this.root ? brief : "function " + brief;
		return this.named("prototype " + id, name, up,
			{ is: "function", proto: id, link: ["code", headingOf(id)], brief });
	}

	isMain(row) {
		const parent = row < 0 ? null : this.protos.value(row, "parent");
		const top = parent === null ? -1 : this.protos.find(parent);
		return top < 0 ||
			this.protos.value(top, "module") !== this.protos.value(row, "module");
	}

	string(id, text) {
		const row = this.strings ? this.strings.find(id) : -1;
		const module = row < 0 ? null : this.strings.value(row, "module");
		const up = this.moduleCalled(module);
		const folder = up === this.root
			? this.named("shared strings", "(shared strings)", this.root)
			: this.named("strings of " + up.key, "strings", up);
		return this.named("string " + id, text, folder,
			{ leaf: true, link: ["strings", id] });
	}
}

// Of a firmware's flash, what it is; other memory is scarce, and told apart as such.
const REST = {
	"(strings)": "strings, flash", "(padding)": "padding", "(no symbol)": "constants, flash",
};
const memoryKind = (memory, name, isCode) => memory !== "flash" ? memory
	: REST[name] || (isCode ? "code, flash" : "data, flash");

// Modules of a firmware with their symbols; what has no symbol is in their sums alone.
function firmwareTree(report) {
	const modules = report.view("modules");
	const symbols = report.view("symbols");
	const root = new Node(report.short, 0, null, null);
	const memories = [["flash", "flash"], ["iram", "IRAM"], ["dram", "DRAM"],
		["other", "other"]];
	const groups = new Map();

	modules.rows.forEach((row, i) => {
		const bytes = modules.value(i, "size") || 0;
		const node = new Node(modules.text(i, "name"), bytes, "flash", root);
		node.module = node.name;
		node.is = "module";
		node.left = new Map(memories.map(([c, m]) => [m, modules.value(i, c) || 0]));
		groups.set(node.name, node);
		root.bytes += node.bytes;
	});
	symbols.rows.forEach((row, i) => {
		const node = groups.get(symbols.value(i, "module") || "(other)");
		const memory = symbols.value(i, "memory");
		const size = symbols.value(i, "size") || 0;

		if (!node || !size || size > (node.left.get(memory) || 0))
			return;
		node.left.set(memory, node.left.get(memory) - size);
		const kind = memoryKind(memory, node.name, symbols.value(i, "kind") === "function");
		const leaf = new Node(symbols.text(i, "name"), size, kind, node);
		leaf.link = ["symbols", symbols.id(i)];
	});
	for (const node of root.kids)
		for (const [memory, bytes] of node.left)
			if (bytes)
				new Node("(other bytes)", bytes, memoryKind(memory, node.name),
					node);
	return root;
}

// What changed; the rest of the new file is unchanged.
function diffTree(report) {
	const view = report.view("modules");
	const summary = report.view("summary");
	const name = view.columns[0].name;
	const root = new Node(report.short, 0, null, null);
	const stack = [root];
	const [old, now] = ["old", "new"].map(c => view.index.has(c) ? c : c + "_size");
	let left = summary.value(0, "new_size") || 0;

	view.rows.forEach((row, i) => {
		const level = view.levels ? view.levels[i] : 0;
		const bytes = Math.max(view.value(i, old) || 0, view.value(i, now) || 0);
		const status = view.text(i, "status");
		const node = new Node(view.text(i, name), bytes, status, stack[level]);
		node.change = view.value(i, "change");
		node.link = ["modules", view.id(i)];
		stack.length = level + 1;
		stack.push(node);
		if (!level)
			left -= view.value(i, now) || 0;
	});
	for (const node of root.kids)
		root.bytes += settle(node);
	if (left > 0)
		root.bytes += new Node("(unchanged)", left, "same", root).bytes;
	return root;
}

// What is below a node and did not change makes up for the rest of it. Where one part grew and
// another shrunk, their larger sizes are more than that of the whole ever was.
function settle(node) {
	const inside = node.kids.reduce((sum, k) => sum + settle(k), 0);
	if (node.kids.length && inside < node.bytes)
		new Node("(unchanged)", node.bytes - inside, "same", node);
	node.bytes = Math.max(node.bytes, inside);
	return node.bytes;
}

// Pieces of a flash or a .bin.
function pieceTree(report, pieces, names, kind) {
	const view = report.view(pieces);
	const root = new Node(report.short, 0, null, null);
	view.rows.forEach((row, i) => {
		const bytes = view.value(i, "size") || 0;
		const name = names.map(n => view.text(i, n)).filter(t => t).join(" ");
		if (!bytes)
			return;
		const node = new Node(name, bytes, view.value(i, kind) || "other", root);
		node.link = [view.name, view.id(i)];
		root.bytes += bytes;
	});
	return root;
}
