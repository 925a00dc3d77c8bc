// SPDX-License-Identifier: MIT
// Reports and their views, as they stand in the page.

// Types whose cells are numbers of texts.
const TEXTUAL = new Set(["text", "real", "time"]);

class View {
	constructor(json) {
		Object.assign(this, json);
		this.title = json.title || json.name[0].toUpperCase() + json.name.slice(1);
		this.index = new Map(this.columns.map((c, i) => [c.name, i]));
		this.grouped = this.rows.some(r => typeof r === "number");
		this.count = this.grouped ? this.rows.filter(r => typeof r !== "number").length
			: this.rows.length;
	}

	isHeading(i) {
		return typeof this.rows[i] === "number";
	}

	id(i) {
		return this.ids ? this.ids[i] : i;
	}

	// The row of an id; -1: there is none.
	find(id) {
		if (!this.ids)
			return id < this.rows.length ? id : -1;
		if (!this.places)
			this.places = new Map(this.ids.map((x, i) => [x, i]));
		return this.places.has(id) ? this.places.get(id) : -1;
	}

	// What a cell holds, texts as such; a column's name or number.
	value(i, column) {
		const c = typeof column === "string" ? this.index.get(column) : column;
		if (c === undefined || this.isHeading(i))
			return null;
		const v = this.rows[i][c];
		const textual = TEXTUAL.has(this.columns[c].type);
		return textual && typeof v === "number" ? this.texts[v] : v;
	}

	text(i, column) {
		if (this.isHeading(i))
			return this.texts[this.rows[i]];
		const c = typeof column === "string" ? this.index.get(column) : column;
		return c === undefined ? "" : formatted(this.columns[c].type, this.value(i, c));
	}

	// All that a search looks at, in small letters: what tables show.
	searched(i) {
		if (!this.cache)
			this.cache = [];
		if (this.cache[i] === undefined) {
			const cells = this.isHeading(i) ? [this.text(i)]
				: this.columns.map((c, k) => c.hidden ? "" : this.text(i, k));
			this.cache[i] = cells.join("\n").toLowerCase();
		}
		return this.cache[i];
	}

	// Columns that tables show; flat: rows stand without the headings above them.
	shown(flat) {
		return this.columns.map((c, i) => i).filter(i => {
			const c = this.columns[i];
			if (c.hidden || (c.context && this.grouped && !flat))
				return false;
			return !c.ifany || this.rows.some((r, k) => this.value(k, i) !== null);
		});
	}
}

// Views that there is one each of many things, such as of functions: one view with headings.
function merged(views) {
	const by = new Map();
	for (const v of views) {
		const all = by.get(v.name);
		if (v.heading !== undefined)
			v.rows.unshift(v.texts.push(v.heading) - 1);
		if (all)
			append(all, v);
		else
			by.set(v.name, v);
	}
	return [...by.values()];
}

function append(all, v) {
	const first = all.texts.length;
	const textual = v.columns.map(c => TEXTUAL.has(c.type));
	const moved = (cell, k) => typeof cell === "number" && textual[k] ? cell + first : cell;
	for (const row of v.rows)
		all.rows.push(typeof row === "number" ? row + first : row.map(moved));
	for (const text of v.texts)
		all.texts.push(text);
}

class Report {
	constructor(json) {
		this.json = json;
		this.name = json.name;
		this.short = json.name.replace(/[^ ]*\//g, "");
		this.kind = json.kind;
		this.views = merged(json.views).map(v => new View(v));
	}

	// A view by its name; null when it has no rows.
	view(name) {
		return this.views.find(v => v.name === name && v.rows.length) || null;
	}

	get tree() {
		if (this.root === undefined)
			this.root = this.makeTree();
		return this.root;
	}

	makeTree() {
		if (this.view("layout"))
			return new ImageTree(this).root;
		if (this.kind === "diff")
			return this.view("modules") ? diffTree(this) : null;
		if (this.view("symbols") && this.view("modules"))
			return firmwareTree(this);
		if (this.view("segments"))
			return pieceTree(this, "segments", ["memory", "address"], "memory");
		if (this.view("partitions"))
			return pieceTree(this, "partitions", ["label", "partition"], "partition");
		return null;
	}
}
