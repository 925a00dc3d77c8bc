// SPDX-License-Identifier: MIT
// The page: what is looked at stands in its address, so that a link leads there again.

const reports = [...document.querySelectorAll("script.report")]
	.map(s => new Report(JSON.parse(s.textContent)));

// f: number of the report. v: name of the view. z: path of the node in the map. q: what is searched
// for. s: column to sort by, "-" before it: descending. r: id of a row, or "=" and a text: all rows
// that have it.
const at = { f: 0, v: "", z: "", q: "", s: "", r: "" };

// No search, no order and no row of those of another view.
const anew = { q: "", s: "", r: "" };

function addressOf(changes) {
	const to = new URLSearchParams();
	for (const [key, value] of Object.entries({ ...at, ...changes }))
		if (value !== "" && !(key === "f" && !+value))
			to.set(key, value);
	return "#" + to;
}

// Goes to another place; instead: the one before is not gone back to.
function go(changes, instead) {
	if (instead)
		history.replaceState(null, "", addressOf(changes));
	else
		history.pushState(null, "", addressOf(changes));
	follow();
}

// Where a row leads to, as an address.
function linkOf(view, i) {
	const node = view.name === "modules" ? moduleNode(view, i) : null;
	if (node && node.kids.length)
		return addressOf({ z: node.path().join("."), v: home(node).v || at.v, ...anew });
	const link = view.links && view.links[i];
	if (!link)
		return null;
	const target = report().view(link[0]);
	if (!target)
		return null;
	if (link.length > 1)
		return target.find(link[1]) < 0 ? null
			: addressOf({ v: link[0], z: "", ...anew, r: link[1] });
	const text = view.text(i, view.index.has("text") ? "text" : "name");
	return addressOf({ v: link[0], z: "", ...anew, r: "=" + text });
}

function moduleNode(view, i) {
	const tree = report().tree;
	const name = view.text(i, 0);
	const inside = view.levels && view.levels[i];
	return tree && !inside ? tree.kids.find(k => k.name === name) : null;
}

const report = () => reports[Math.min(+at.f || 0, reports.length - 1)];

function nodeAt(path) {
	let node = report().tree;
	for (const i of path.split(".").filter(p => p !== ""))
		node = node && node.kids[+i] || node;
	return node;
}

// Views that have something to show, damage first.
function viewsOf(r) {
	return r.views.filter(v => v.count).sort((a, b) =>
		(b.name === "damage") - (a.name === "damage"));
}

function viewNow(r) {
	const views = viewsOf(r);
	return views.find(v => v.name === at.v) ||
		["modules", "code"].map(n => r.view(n)).find(v => v) ||
		views.find(v => !v.record) || views[0] || null;
}

// A test for the rows that belong to a node of the map; null: all do.
function keeper(view, node) {
	if (at.r.startsWith("=")) {
		const text = at.r.slice(1);
		return i => view.text(i, "string") === text;
	}
	const module = node && node.inherited("module");
	const protos = node && node.inherited("proto") !== undefined ? protosOf(node) : null;
	if (protos && view.grouped)
		return i => protos.has(protoOf(view.id(i)));
	if (protos && view.name === "prototypes")
		return i => protos.has(view.id(i));
	if (module === undefined || !(view.index.has("module") || view.name === "modules"))
		return null;
	const column = view.index.has("module") ? "module" : "name";
	return keepModule(view, column, module);
}

function keepModule(view, column, module) {
	let heading = -1, keeps = false;
	return i => {
		if (!view.isHeading(i))
			return (view.text(i, column) || "(other)") === module;
		if (heading !== i) {
			heading = i;
			keeps = i + 1 < view.rows.length && view.text(i + 1, column) === module;
		}
		return keeps;
	};
}

function protosOf(node, found = new Set()) {
	if (node.up && node.proto === undefined)
		return protosOf(node.up, found);
	if (node.proto !== undefined)
		found.add(node.proto);
	for (const k of node.kids)
		if (k.proto !== undefined)
			protosOf(k, found);
	return found;
}

// Elements

const map = new Treemap(node => {
	if (node.kids.length && !node.leaf)
		go({ z: node.path().join("."), r: "", ...home(node) });
	else if (node.link && report().view(node.link[0]))
		go({ v: node.link[0], ...anew, r: node.link[1] });
}, () => up());
const table = new Table(c => {
	const orders = c.right ? ["-" + c.name, c.name, ""] : [c.name, "-" + c.name, ""];
	go({ s: orders[(orders.indexOf(at.s) + 1) % 3] || "", r: "" }, true);
}, linkOf, to => report().view(new URLSearchParams(to.slice(1)).get("v")).title);
const title = el("h1");
const facts = el("p", { class: "facts" });
const says = el("p", { class: "says" });
const damage = el("div", { class: "damage", role: "alert", hidden: true });
const crumbs = el("nav", { class: "crumbs", "aria-label": "Where in the map" });
const mapBox = el("section", { class: "where", "aria-label": "Where the bytes go" }, crumbs,
	el("div", { class: "mapbox" }, map.area, map.legend), map.info);
const tabs = el("nav", { class: "tabs", "aria-label": "Views" });
const search = el("input", { type: "search", placeholder: "Search", "aria-label": "Search the rows",
	oninput: () => go({ q: search.value, r: "" }, true) });
const jump = el("select", { "aria-label": "Go to a function",
	onchange: () => jump.value && go({ ...anew, r: jump.value }) });
const counted = el("span", { class: "counted", role: "status" });
const narrowed = el("button", { type: "button", class: "chip", title: "Show all again",
	onclick: () => go({ z: "", r: "" }) });
const help = el("p", { class: "help" });
const chooser = el("select", { "aria-label": "Which file",
	onchange: () => go({ f: chooser.value, v: "", z: "", ...anew }) },
	...reports.map((r, i) => el("option", { value: i },
		r.kind === "diff" ? "Changes" : r.name)));
const toggle = el("button", { type: "button", class: "theme", onclick: turn });

function build() {
	const tools = el("div", { class: "tools" }, reports.length > 1 ? chooser : null, toggle);
	document.body.append(
		el("header", null, el("div", null, title, facts), tools), damage,
		el("main", null, says, mapBox, tabs,
			el("div", { class: "find" }, search, jump, narrowed, counted, help),
			el("div", { class: "tablebox" }, table.box, table.detail)));
}

// Its largest parts, in a sentence.
function sentence(r) {
	const tree = r.tree;
	if (!tree || !tree.bytes)
		return r.json.error || "";
	if (r.kind === "diff")
		return changes(r);
	const kinds = [...tree.kinds()].filter(k => k[1]).sort((a, b) => b[1] - a[1]).slice(0, 3)
		.map(([kind, bytes]) => `${kind} ${share(bytes, tree.bytes)}`);
	const most = tree.kids.filter(k => k.is === "module" && !k.name.startsWith("("))
		.sort((a, b) => b.bytes - a.bytes)[0];
	return `Most of it: ${kinds.join(", ")}.` + (most && tree.kids.length > 1
		? ` Largest module: ${most.name}, ${share(most.bytes, tree.bytes)}.` : "");
}

function changes(r) {
	const by = new Map();
	for (const k of r.tree.kids)
		if (k.kind !== "same")
			by.set(k.kind, (by.get(k.kind) || 0) + 1);
	const summary = r.view("summary");
	return `${formats.change(summary.value(0, "change") || 0)} bytes: ` +
		([...by].map(([kind, n]) => `${n} ${kind}`).join(", ") || "nothing changed") + ".";
}

// The summary's facts that fit in a line.
function factsOf(r) {
	const v = r.view("summary");
	if (!v)
		return [];
	return v.columns.map((c, i) => i)
		.filter(i => !v.columns[i].hidden && v.text(0, i) && v.columns[i].name !== "file")
		.filter(i => !v.index.has("rotables") || v.text(0, i).length < 60)
		.map(i => [v.columns[i].title, v.text(0, i), v.columns[i].type]);
}

function drawHead(r) {
	title.replaceChildren(r.kind === "code" ? "Code of " + r.name : r.short);
	title.title = r.name;
	facts.replaceChildren(...factsOf(r).map(([name, text]) =>
		el("span", null, el("i", null, name), " ", text)));
	document.title = r.short;
	says.textContent = sentence(r);
	const bad = r.view("damage");
	damage.hidden = !bad && !r.json.error;
	damage.replaceChildren();
	if (bad)
		damage.append(`Damaged: ${plural(bad.rows.length, "problem")}. `,
			[bad.text(0, "field"), bad.text(0, "problem")].filter(t => t).join(": ")
				+ ". ",
			el("a", { href: addressOf({ v: "damage", z: "", ...anew }) },
				"All of them"));
	else if (r.json.error)
		damage.append(r.json.error);
	chooser.value = String(reports.indexOf(r));
}

const nameOf = node => !node.up ? report().kind === "diff" ? "Both files" : "Whole file"
	: node.name || "(no name)";

function drawMap(r, node) {
	mapBox.hidden = !node || !node.bytes;
	if (mapBox.hidden)
		return;
	const path = [];
	for (let n = node; n; n = n.up)
		path.unshift(n);
	crumbs.replaceChildren();
	for (const n of path) {
		const address = addressOf({ z: n.path().join("."), r: "" });
		crumbs.append(n.up ? el("span", null, "›") : "", n === node
			? el("b", { "aria-current": "location" }, nameOf(n))
			: el("a", { href: address }, nameOf(n)));
	}
	map.show(r, node);
}

function drawTabs(r, view) {
	tabs.replaceChildren(...viewsOf(r).map(v => el("a", {
		href: addressOf({ v: v.name, ...anew }), title: v.help,
		"aria-current": v === view ? "page" : null },
		v.title, v.name === "summary" ? null
			: el("span", null, grouped(v.count)))));
}

function drawTable(view, node) {
	const order = at.s && view.index.has(at.s.replace(/^-/, ""))
		? { column: at.s.replace(/^-/, ""), down: at.s.startsWith("-") } : null;
	const keep = keeper(view, node);
	table.show(view, at.q, order, keep);
	const found = table.rows.filter(i => view.record || !view.isHeading(i)).length;
	const all = found === view.count || view.record;
	counted.textContent = view.record ? ""
		: all ? plural(found, "row") : `${grouped(found)} of ${plural(view.count, "row")}`;
	if (document.activeElement !== search)
		search.value = at.q;
	search.parentNode.hidden = view.record;
	narrowed.hidden = !keep;
	const by = at.r.startsWith("=") ? at.r.slice(1) : node ? node.name : "";
	narrowed.textContent = by + " ×";
	help.textContent = view.help;
	drawJump(view);
	if (at.r !== "" && !at.r.startsWith("="))
		table.go(view.find(+at.r));
}

function drawJump(view) {
	jump.hidden = !view.grouped || table.flat;
	if (jump.hidden || (jump.view === view && jump.length > 1))
		return;
	jump.view = view;
	const heads = view.rows.map((r, i) => i).filter(i => view.isHeading(i));
	jump.replaceChildren(el("option", { value: "" }, `${plural(heads.length, "function")} …`),
		...heads.map(i => el("option", { value: view.id(i) }, view.text(i))));
}

// The table that fits a node of the map, in place of one that has no more to say of it.
function home(node) {
	const inside = ["prototypes", "symbols"].find(n => report().view(n));
	if (node.is === "function" && report().view("code"))
		return { v: "code", s: "", q: "" };
	return node.is === "module" && inside && (!at.v || at.v === "modules")
		? { v: inside, s: "", q: "" } : {};
}

function up() {
	const node = nodeAt(at.z);
	if (node && node.up)
		go({ z: node.up.path().join("."), r: "" });
}

let drawn = {};

function follow() {
	const from = new URLSearchParams(location.hash.slice(1));
	for (const key of Object.keys(at))
		at[key] = from.get(key) || (key === "f" ? 0 : "");
	const r = report();
	if (!r)
		return;
	const node = nodeAt(at.z);
	const view = viewNow(r);
	if (drawn.report !== r)
		drawHead(r);
	if (drawn.report !== r || drawn.node !== node)
		drawMap(r, node);
	tabs.hidden = !view;
	table.box.parentNode.hidden = search.parentNode.hidden = help.hidden = !view;
	if (view) {
		drawTabs(r, view);
		drawTable(view, node);
		if (drawn.report === r && drawn.view !== view && at.r !== "")
			tabs.scrollIntoView({ block: "nearest" });
	}
	drawn = { report: r, node, view };
}

// Light, dark, or what the system says.

function themeNow() {
	return document.documentElement.dataset.theme ||
		(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function turn() {
	document.documentElement.dataset.theme = themeNow() === "dark" ? "light" : "dark";
	nameToggle();
}

function nameToggle() {
	const other = themeNow() === "dark" ? "Light" : "Dark";
	toggle.textContent = other;
	toggle.title = `${other} colours`;
}

build();
nameToggle();
follow();
addEventListener("hashchange", follow);
addEventListener("popstate", follow);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameToggle);
addEventListener("keydown", e => {
	if (e.key === "/" && !/INPUT|SELECT/.test(document.activeElement.tagName)) {
		e.preventDefault();
		search.focus();
	}
});
