// SPDX-License-Identifier: MIT
// Numbers as lfsdump's tables print them, and elements.
"use strict";

const grouped = n => {
	const digits = String(Math.abs(n));
	return (n < 0 ? "-" : "") + digits.replace(/\B(?=(\d{3})+$)/g, ",");
};

const share = (part, whole) => whole ? (part / whole * 100).toFixed(1) + " %" : "";

const plural = (n, word) => grouped(n) + " " + (n === 1 ? word : word + "s");

const formats = {
	size: grouped,
	change: n => (n > 0 ? "+" : "") + grouped(n),
	hex: n => "0x" + n.toString(16),
	share: n => (n * 100).toFixed(1) + " %",
	bar: () => "",
	bool: b => b ? "yes" : "no",
};

// A value as text; numbers that are too large for a script come as text.
function formatted(type, value) {
	if (value === null || value === undefined)
		return "";
	if (typeof value === "string")
		return value;
	return (formats[type] || String)(value);
}

// An element with attributes and children; text is never taken for markup.
function el(tag, attributes, ...children) {
	const e = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes || {})) {
		if (name.startsWith("on"))
			e.addEventListener(name.slice(2), value);
		else if (value === true)
			e.setAttribute(name, "");
		else if (value !== false && value !== null && value !== undefined)
			e.setAttribute(name, value);
	}
	e.append(...children.filter(c => c !== null && c !== undefined));
	return e;
}
