#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The report of --html, in a browser: what it shows is what lfsdump's other outputs say."""
import csv
import html
import io
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import time
import unicodedata

import chromium
import tap
from test_hostile import HOSTILE, UNSEEN, count, image53, string53, typed

IMAGES = [tap.GOLDEN + "img/" + n for n in ("app-51f.img", "app-53.img", "edge-51i.img", "edge-53-abs.img", "many-51f.img")
          if os.path.exists(tap.GOLDEN + "img/" + n)]
IMAGE = tap.GOLDEN + "img/app-51f.img"
OTHER = "samples/lfs-51-double-strings.img"
ELF = "samples/firmware-51-double.elf"
WORK = tempfile.mkdtemp(prefix="lfsdump-html-")
REPORT = WORK + "/report.html"
pages = []


def browser():
    """One browser for all tests."""
    if not pages:
        pages.append(chromium.Page())
    return pages[0]


def opened(*args, place="", status=0):
    p = browser()
    tap.run("--html", REPORT, *args, status=status)
    p.size(1280, 800)
    p.scheme("light")
    p.open(REPORT, place)
    p.settle()
    assert not p.errors, p.errors
    assert len(p.requests) == 1, p.requests
    return p


def view(name, *args, status=0):
    return json.loads(tap.run("--json", "--" + name, *args, status=status))[name]


def number(text):
    return int(text.replace(",", "").replace("+", "") or 0)


def legend(p):
    return {k: number(n) for k, n in zip(p.texts(".legend th"), p.texts(".legend td:nth-child(3)"))}


def tops(p):
    """The rectangles that can be chosen, with their bytes."""
    labels = p.js("[...document.querySelectorAll('.tile.top')].map(t => t.getAttribute('aria-label'))")
    return {m[1]: number(m[2]) for m in (re.match(r"(.*), ([\d,]+) bytes, .*$", s, re.S) for s in labels)}


def rows(p):
    """Texts of the rows in the page, without the room that is left for others."""
    return p.js("[...document.querySelectorAll('tbody tr[data-at]')].map(r => [...r.cells].map(c => c.textContent))")


def shown(p):
    return p.texts(".counted")[0]


def test_the_map_and_the_tables_have_the_sizes_of_the_json_output():
    for image in IMAGES:
        p = opened(image)
        want = {b["part"]: b["bytes"] for b in view("bytes", image) if b["bytes"]}
        assert legend(p) == want, (image, legend(p), want)
        modules = view("modules", image)
        tiles = tops(p)
        for m in modules:
            assert tiles.get(m["name"]) == m["size"] or len(tiles) > 100, (image, m, tiles)
        assert sum(tiles.values()) == view("summary", image)[0]["flash_size"], image
        got = [(r[0], number(r[1])) for r in rows(p)]
        assert got == [(m["name"], m["size"]) for m in modules][:len(got)] and len(got) >= min(len(modules), 20), image


def test_the_first_screen_tells_format_sizes_and_what_fills_the_file():
    p = opened(IMAGE)
    summary = view("summary", IMAGE)[0]
    assert p.texts("h1") == ["app-51f.img"]
    assert summary["format"] in p.texts(".facts")[0]
    assert f"{summary['flash_size']:,}" in p.texts(".facts")[0]
    largest = max(view("bytes", IMAGE), key=lambda b: b["bytes"])
    assert p.texts(".says")[0].startswith(f"Most of it: {largest['part']} {largest['share'] * 100:.1f} %"), p.texts(".says")


def test_a_click_on_the_map_zooms_in_and_a_crumb_zooms_out():
    p = opened(IMAGE)
    before = tops(p)
    first = next(m["name"] for m in view("modules", IMAGE))
    p.click(".tile.top", list(before).index(first))
    assert p.texts(".crumbs b") == [first]
    assert sum(tops(p).values()) == before[first]
    functions = [r["function"] for r in csv.DictReader(io.StringIO(tap.run(
        "--prototypes", "--csv", "--filter", "module=" + first, IMAGE).decode()))]
    assert sorted(r[0] for r in rows(p)) == sorted(functions), (rows(p), functions)
    p.click(".crumbs a")
    assert tops(p) == before
    p.js("history.back()")
    time.sleep(0.2)
    assert p.texts(".crumbs b") == [first]


def test_the_map_goes_by_keyboard_and_tells_name_bytes_and_share():
    p = opened(IMAGE)
    p.js("document.querySelector('.tile.top').focus()")
    name, size = next(iter(tops(p).items()))
    total = view("summary", IMAGE)[0]["flash_size"]
    assert p.texts(".info")[0].startswith(f"{name} {size:,} bytes, {size / total * 100:.1f} %"), p.texts(".info")
    p.key("Enter")
    assert p.texts(".crumbs b") == [name]
    p.js("document.querySelector('.tile.top').focus()")
    p.key("Escape")
    assert len(p.texts(".crumbs a")) == 0


def test_a_click_on_a_column_head_sorts():
    p = opened(IMAGE, place="#v=strings")
    lengths = [s["length"] for s in view("strings", IMAGE)]
    p.click("thead th:first-child button")
    got = [int(r[0]) for r in rows(p)]
    assert len(got) > 20 and got == sorted(lengths, reverse=True)[:len(got)], got
    assert p.js("document.querySelector('thead th').getAttribute('aria-sort')") == "descending"
    p.click("thead th:first-child button")
    got = [int(r[0]) for r in rows(p)]
    assert got == sorted(lengths)[:len(got)], got
    p.click("thead th:first-child button")
    assert [int(r[0]) for r in rows(p)] == lengths[:len(got)]


def test_the_search_filters_as_one_types():
    p = opened(IMAGE, place="#v=strings")
    table = list(csv.reader(io.StringIO(tap.run("--strings", "--csv", IMAGE).decode())))[1:]
    p.click("input[type=search]")
    p.type("net")
    wanted = [r[-1] for r in table if any("net" in c.lower() for c in r)]
    found = [r[-1] for r in rows(p)]
    assert 0 < len(found) < len(table) and found == wanted, (found, wanted)
    assert shown(p).startswith(f"{len(found)} of {len(table)}"), shown(p)
    p.type("nowhere")
    assert rows(p) == [] and p.texts("tr.none td") == ["Nothing here"]


def test_the_code_is_what_the_listing_prints():
    for image in IMAGE, tap.GOLDEN + "img/app-53.img":
        p = opened(image, place="#v=code")
        p.js("table.draw(table.rows.length)")
        listing = [line.split() for line in tap.run("--code", image).decode().splitlines()[2:] if line]
        got = [" ".join(r).split() for r in rows(p)]
        assert len(got) > 500 and got == listing, next((g, w) for g, w in zip(got, listing) if g != w)


def test_links_lead_from_modules_to_functions_and_from_strings_to_their_users():
    p = opened(IMAGE, place="#v=strings&q=require")
    text = next(r[-1] for r in rows(p))
    p.click("tbody a")
    users = json.loads(tap.run("--json", "--xref", text, IMAGE))["xref"]
    assert len(users) > 1 and shown(p).startswith(f"{len(users)} of "), (shown(p), len(users))
    p.click("tbody a")
    found = p.texts("tr.chosen td")
    assert str(users[0]["pc"]) in found and text in " ".join(found), (users[0], found)
    p.open(REPORT, "#v=prototypes")
    name = rows(p)[3][0]
    p.click("tbody a", 3)
    head = p.js("document.querySelector('tr.chosen').previousSibling.textContent")
    assert head.endswith(name), (name, head)


def test_a_row_opens_in_full_with_the_keyboard():
    p = opened(IMAGE, place="#v=strings")
    p.js("document.querySelector('.rows').focus()")
    p.key("ArrowDown")
    p.key("ArrowDown")
    p.key("Enter")
    second = view("strings", IMAGE)[1]
    assert second["text"] in p.texts(".detail dd") and str(second["length"]) in p.texts(".detail dd")
    p.key("Escape")
    assert p.js("document.querySelector('.detail').hidden")


def test_an_address_leads_to_the_same_place_again():
    p = opened(IMAGE)
    p.click(".tile.top")
    p.click(".tabs a", 4)
    p.click("input[type=search]")
    p.type("s")
    p.click("thead th button")
    p.settle()
    seen = rows(p), p.texts(".crumbs b"), shown(p)
    place = p.js("location.hash")
    p.open(REPORT, place)
    p.settle()
    assert (rows(p), p.texts(".crumbs b"), shown(p)) == seen, place


CONTRAST = """(() => {
const rgb = c => c.match(/[\\d.]+/g).map(Number);
const lum = c => [0.2126, 0.7152, 0.0722].reduce((s, k, i) => {
	const v = c[i] / 255;
	return s + k * (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
}, 0);
const behind = e => {
	for (; e; e = e.parentElement) {
		const c = rgb(getComputedStyle(e).backgroundColor);
		if (c.length < 4 || c[3] > 0.99)
			return c;
	}
	return [255, 255, 255];
};
let worst = [99, ""];
for (const e of document.querySelectorAll("body *")) {
	const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
	if (!own || !e.getClientRects().length)
		continue;
	let fade = 1;
	for (let p = e; p; p = p.parentElement)
		fade *= Number(getComputedStyle(p).opacity);
	const back = behind(e);
	const ink = rgb(getComputedStyle(e).color).map((v, i) => v * fade + (back[i] || 0) * (1 - fade));
	const [a, b] = [lum(ink), lum(back)].sort((x, y) => y - x);
	const ratio = (a + 0.05) / (b + 0.05);
	if (ratio < worst[0])
		worst = [ratio, e.className + " " + e.tagName + " " + e.textContent.slice(0, 40)];
}
return [...worst, getComputedStyle(document.documentElement).backgroundColor];
})()"""


def test_light_and_dark_differ_and_their_text_can_be_read():
    papers = []
    for scheme in "light", "dark":
        for args, status in ([IMAGE], 0), ([ELF], 0), (["--diff", IMAGE, OTHER], 1):
            p = opened(*args, status=status)
            p.scheme(scheme)
            ratio, where, paper = p.js(CONTRAST)
            assert ratio >= 4.5, (scheme, args, ratio, where)
            papers.append(paper)
    assert len(set(papers)) == 2, papers
    p.click(".theme")
    assert p.js(CONTRAST)[2] != papers[-1]


def test_nothing_hostile_runs_or_hides():
    path = WORK + "/<img src=x onerror=alert(1)>.img"
    texts = [b"</script><script>alert(1)</script>", b"<!--<script>", b"</noscript><script>alert(2)</script>",
             "</title>\u2028<svg onload=alert(3)>".encode()]
    HOSTILE.extend(texts)
    with open(path, "wb") as f:
        f.write(image53())
    del HOSTILE[-len(texts):]
    p = opened(path, place="#v=strings")
    p.size(1280, 8000)
    assert p.js("document.querySelectorAll('script').length") == 2
    assert p.js("document.querySelectorAll('img, svg, iframe').length") == 0
    body = p.texts("body")[0] + p.texts("title")[0]
    bad = {c for c in p.js("document.body.innerText") if unicodedata.category(c) in UNSEEN - {"Cn"} and c not in "\n\t"}
    assert not bad, bad
    table = p.texts("tbody td:last-child")
    for text in texts[:3]:
        assert text.decode() in table, text
    assert "</title>\\xe2\\x80\\xa8<svg onload=alert(3)>" in table
    assert any("\\xe2\\x80\\xae" in t for t in table), "bidi controls are not shown"
    assert "alert(1)" in body
    for name in p.js("reports[0].views.map(v => v.name)"):
        p.open(REPORT, "#v=" + name)
        assert not p.errors and len(p.requests) == 1, (name, p.errors, p.requests)


def test_the_policy_lets_no_other_script_run_and_nothing_be_loaded():
    p = opened(IMAGE)
    p.js("document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.1:9/x.png\" onerror=\"window.bad=1\">'"
         " + '<p id=p onclick=\"window.bad=2\">x</p>')")
    p.js("document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.bad=3' }))")
    p.js("document.getElementById('p').click()")
    assert p.js("window.bad") is None
    failed = p.js("fetch('http://127.0.0.1:9/').then(() => 'loaded', () => 'refused')")
    assert failed == "refused"
    assert p.errors and all("Content Security Policy" in json.dumps(e) or "Refused" in json.dumps(e) or
                            "Failed to fetch" in json.dumps(e) for e in p.errors), p.errors
    with open(REPORT, encoding="utf-8") as f:
        page = f.read()
    assert not re.search(r'(?:src|href)="(?!data:,)', re.sub(r"<script.*?</script>", "", page, flags=re.S))


def test_a_narrow_screen_is_not_scrolled_sideways():
    for args, status in ([IMAGE], 0), ([ELF], 0), (["--diff", IMAGE, OTHER], 1):
        p = opened(*args, status=status)
        p.size(375, 800)
        for name in p.js("viewsOf(report()).map(v => v.name)"):
            p.js(f"go({{ v: '{name}' }})")
            assert p.js("document.documentElement.scrollWidth") <= 375, (args, name)


def test_what_changed_is_in_sight_on_a_narrow_screen():
    p = opened("--diff", IMAGE, OTHER, status=1)
    wide = p.texts("thead th")
    edges = "Object.fromEntries([...document.querySelectorAll('thead th')].map(e => " \
            "[e.textContent, e.getBoundingClientRect().right]))"
    p.size(375, 800)
    right = p.js(edges)
    assert all(right[c] <= 375 for c in ("old", "new", "change")), right
    assert sorted(right) == sorted(wide)
    shown = dict(zip(p.texts("thead th"), p.texts("tbody tr[data-at] td")))
    first = json.loads(tap.run("--json", "--diff", IMAGE, OTHER, status=1))["modules"][0]
    assert (shown["module, prototype"], number(shown["change"])) == (first["name"], first["change"]), shown
    p.size(1280, 800)
    assert p.js(edges) and p.texts("thead th") == wide


def test_the_map_of_what_changed_tells_what_its_sum_is_of():
    for old, new in ((IMAGE, OTHER), ("samples/lfs-51-double.img", "samples/lfs-53.img")):
        p = opened("--diff", old, new, status=1)
        total = sum(tops(p).values())
        assert p.texts(".info") == [f"{total:,} bytes, of each part the larger of both"], p.texts(".info")
        assert sum(legend(p).values()) == total, (legend(p), total)
    p = opened(IMAGE)
    assert p.texts(".info") == [f"{view('summary', IMAGE)[0]['flash_size']:,} bytes"], p.texts(".info")


def test_every_view_but_the_summary_tells_its_rows():
    p = opened(IMAGE)
    tabs = dict(p.js("[...document.querySelectorAll('.tabs a')].map(a => [a.firstChild.data, a.querySelector('span') && a.querySelector('span').textContent])"))
    assert tabs.pop("Summary") is None and all(number(n) for n in tabs.values()), tabs
    findings = json.loads(tap.run("--check", "--json", IMAGE))
    assert number(tabs["Findings"]) == len(findings["findings"]), (tabs, findings)


def test_what_changed_is_what_the_diff_says():
    p = opened("--diff", IMAGE, OTHER, status=1)
    diff = json.loads(tap.run("--json", "--diff", IMAGE, OTHER, status=1))
    got = [(r[0], number(r[2]), number(r[3]), number(r[4])) for r in rows(p)]
    assert got == [(m["name"], m["old"], m["new"], m["change"]) for m in diff["modules"]][:len(got)] and got
    change = sum(m["change"] for m in diff["modules"] if m["kind"] in ("module", "shared", "image"))
    assert p.texts(".says")[0].startswith(f"+{change:,} bytes"), p.texts(".says")
    assert p.texts("header option") == ["Changes", IMAGE, OTHER]
    assert "Code" in p.js("reports[0].views.map(v => v.title)")
    opened("--diff", IMAGE, IMAGE)


def test_a_firmware_is_shown_with_memories_modules_and_symbols():
    p = opened(ELF)
    modules = view("modules", ELF)
    tiles = tops(p)
    for m in modules:
        if m["size"]:
            assert tiles.get(m["name"]) == m["size"], (m, tiles)
    assert p.js("report().tree.bytes") == sum(m["size"] for m in modules)
    p.open(REPORT, "#v=symbols")
    assert shown(p) == f"{len(view('symbols', ELF))} rows"
    for name in "memory", "rotables", "functions", "strings", "sources":
        assert p.js(f"report().views.find(v => v.name === '{name}').count") == len(view(name, ELF)), name


def smaller(elf, symbol, bytes_less):
    """The same ELF file with a smaller symbol, and another last byte of its code."""
    data = bytearray(elf)
    table, = struct.unpack_from("<I", data, 0x20)
    size, n = struct.unpack_from("<HH", data, 0x2e)
    sections = [struct.unpack_from("<10I", data, table + i * size) for i in range(n)]
    for _, kind, flags, _, at, length, link, *_ in sections:
        if kind == 1 and flags & 4 and length:
            data[at + length - 1] ^= 1
        for entry in range(at, at + length, 16) if kind == 2 else ():
            name = sections[link][4] + struct.unpack_from("<I", data, entry)[0]
            if data[name:data.index(0, name)] == symbol:
                struct.pack_into("<I", data, entry + 8, struct.unpack_from("<I", data, entry + 8)[0] - bytes_less)
    return bytes(data)


def test_firmwares_are_compared_too():
    symbol = max((s for s in view("symbols", ELF) if s["module"] == "gpio"), key=lambda s: s["size"])
    path = WORK + "/smaller.elf"
    with open(ELF, "rb") as f:
        data = smaller(f.read(), symbol["name"].encode(), 8)
    with open(path, "wb") as f:
        f.write(data)
    p = opened("--diff", ELF, path, status=1)
    diff = json.loads(tap.run("--json", "--diff", ELF, path, status=1))["modules"]
    tiles = tops(p)
    for m in diff:
        sizes = [n for t, n in tiles.items() if t.startswith(m["module"])]
        assert sizes == [max(m["old_size"], m["new_size"])], (m, tiles)
    assert diff and "(unchanged)" in tiles, tiles


def test_an_image_in_a_flash_dump_has_a_report_of_its_own():
    image = tap.GOLDEN + "img/app-51f-abs.img"
    path = WORK + "/flash.bin"
    with open(image, "rb") as f:
        data = f.read()
    with open(path, "wb") as f: # a flash that holds but one empty segment, and LFS
        f.write((struct.pack("<BBBBI", 0xe9, 1, 0, 0x40, 0x40100000) + struct.pack("<II", 0x40100000, 8) + bytes(8) +
                 bytes(7) + b"\xef").ljust(0x96000, b"\xff") + data.ljust(0x40000, b"\xff") + b"\xff" * 0x2a000)
    p = opened(path)
    assert p.texts("header option") == [path, path + ": LFS image"], p.texts("header option")
    assert "LFS regions" in " ".join(p.texts(".tabs a"))
    p.js("go({ f: 1, v: '' })")
    assert legend(p) == {b["part"]: b["bytes"] for b in view("bytes", path) if b["bytes"]}
    p.click("tbody a")
    assert shown(p) == f"{view('modules', image)[0]['prototypes']} of {len(view('prototypes', image))} rows", shown(p)


def test_the_code_of_a_function_is_shown_when_it_is_named():
    code = subprocess.run([tap.LFSDUMP, "--disasm", "gpio.mode", ELF], capture_output=True, check=False)
    if b"without capstone" in code.stderr:
        raise tap.Skip("built without capstone")
    listing = code.stdout.decode()
    p = opened(ELF, "--disasm", "gpio.mode")
    assert p.texts("header option") == [ELF, "gpio.mode"]
    p.js("go({ f: 1 })")
    got = " ".join(" ".join(r) for r in rows(p)).split()
    words = listing.split()
    assert len(got) > 20 and set(got) <= set(words), set(got) - set(words)


def test_several_files_are_chosen_from():
    p = opened(IMAGE, ELF, "samples/main-53.lc")
    assert p.texts("header option") == [IMAGE, ELF, "samples/main-53.lc"]
    p.js("(chooser.value = 2, chooser.dispatchEvent(new Event('change')))")
    assert p.texts("h1") == ["main-53.lc"]
    assert legend(p) == {b["part"]: b["bytes"] for b in view("bytes", "samples/main-53.lc") if b["bytes"]}


def test_a_damaged_file_is_shown_as_far_as_it_goes():
    path = WORK + "/cut.img"
    with open("samples/main-51-double.lc", "rb") as f:
        data = f.read()
    with open(path, "wb") as f:
        f.write(data[:-40])
    p = opened(path, status=1)
    damage = view("damage", path, status=1)
    first = ": ".join(t for t in (damage[0]["field"], damage[0]["problem"]) if t)
    assert damage[0]["field"] and p.texts(".damage")[0].startswith("Damaged: 1 problem. " + first), p.texts(".damage")
    p.click(".damage a")
    assert [r[-1] for r in rows(p)] == [d["problem"] for d in damage]


def test_functions_whose_module_is_not_known_have_the_names_of_the_tables():
    path = WORK + "/cut53.img"
    with open("samples/lfs-53.img", "rb") as f, open(path, "wb") as g:
        g.write(f.read()[:2500])
    p = opened(path, status=1)
    assert view("modules", path, status=1)[0]["name"] is None
    known = set(tap.run("--tsv", "--prototypes", "--columns=function", path, status=1).decode().splitlines()[1:])
    named = {t for t in tops(p) if "function" in t}
    assert named and named <= known, named - known


def test_a_file_that_cannot_be_shown_is_told_beside_the_others():
    capture = "samples/capture-51.json"
    p = opened(IMAGE, "no-such-file", capture, OTHER, status=1)
    told = tap.run.stderr
    assert b"no-such-file: No such file or directory" in told, told
    assert p.texts("header option") == [IMAGE, "no-such-file", capture, OTHER]
    p.js("go({ f: 1 })")
    assert p.texts(".damage") == ["No such file or directory"], p.texts(".damage")
    p.js("go({ f: 3 })")
    assert legend(p) == {b["part"]: b["bytes"] for b in view("bytes", OTHER) if b["bytes"]}
    text = subprocess.run([tap.LFSDUMP, IMAGE, "no-such-file", capture, OTHER], capture_output=True, check=False)
    assert text.returncode == 1 and text.stderr == told, (text.stderr, told)


def test_what_is_no_image_is_told_as_without_a_report():
    for path in "samples/capture-51.json", os.devnull, "README.md", REPORT:
        with open(REPORT, "w", encoding="utf-8") as f:
            f.write("<!doctype HTML>\n")
        tap.run(path, status=1)
        told = tap.run.stderr
        tap.run("--html", WORK + "/other.html", path, status=1)
        assert tap.run.stderr == told and path.encode() in told, (told, tap.run.stderr)
        assert not os.path.exists(WORK + "/other.html")
    assert b"an HTML page" in told, told


def test_a_report_takes_no_place_of_what_was_to_be_shown():
    folder = tempfile.mkdtemp(dir=WORK)
    names = ["a.img", "b.img", "c.elf"]
    for name, source in zip(names, (IMAGE, OTHER, ELF)):
        shutil.copy(source, os.path.join(folder, name))
    before = {n: os.stat(os.path.join(folder, n)).st_ino for n in names}

    def told(*args):
        p = subprocess.run([os.path.abspath(tap.LFSDUMP), *args], cwd=folder, capture_output=True, check=False)
        assert p.returncode == 2, (args, p)
        assert {n: os.stat(os.path.join(folder, n)).st_ino for n in os.listdir(folder)} == before, args
        return p.stderr.decode()

    for first, others in (("a.img", ["b.img", "c.elf"]), ("c.elf", ["a.img"])):
        assert first + ": is " in told("--html", first, *others) and "--force" in told("--html", first, *others)
    for option in "--diff", "-j2":
        assert "--html takes the report's name" in told("--html", option, "a.img", "b.img")
    assert "--html takes the report's name first: --html report.html a.img\n" in told("--html", "a.img")
    assert "no file given" in told("--html", "report.html")
    tap.run("--html", folder + "/a.img", "-f", OTHER)
    with open(folder + "/a.img", "rb") as f:
        assert f.read(9) == b"<!DOCTYPE"


def test_no_report_is_written_of_nothing():
    for path, data in (WORK + "/none", None), (WORK + "/text", b"just a text"):
        if data:
            with open(path, "wb") as f:
                f.write(data)
        with open(REPORT, "w", encoding="utf-8") as f:
            f.write("the old one")
        tap.run("--html", REPORT, path, status=1)
        assert os.path.basename(path).encode() in tap.run.stderr
        with open(REPORT, encoding="utf-8") as f:
            assert f.read() == "the old one"
    tap.run("--html", WORK + "/no/such/folder.html", IMAGE, status=1)
    assert sorted(n for n in os.listdir(WORK) if n.startswith("report")) == ["report.html"]


def test_the_report_goes_to_standard_output_too():
    tap.run("--html", REPORT, IMAGE)
    with open(REPORT, "rb") as f:
        assert f.read() == tap.run("--html", "-", IMAGE)


def test_what_makes_no_sense_with_a_report_is_a_usage_error():
    for args in ["--json"], ["--strings"], ["--check"], ["--sort", "size"], ["--output", WORK + "/o"], ["--base", "0x40296000"]:
        tap.run("--html", "-", *args, IMAGE, status=2)
    tap.run("--html", IMAGE, IMAGE, status=2)
    with open(IMAGE, "rb") as f:
        assert f.read(4) != b"<!DO"


def test_without_javascript_the_summary_is_there():
    p = opened(IMAGE)
    p.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        p.open(REPORT)
        text = p.value("document.body.innerText")
    finally:
        p.call("Emulation.setScriptExecutionDisabled", value=False)
    for b in view("bytes", IMAGE):
        if b["bytes"]:
            assert re.search(re.escape(b["part"]) + r"\s+" + f"{b['bytes']:,}", text), (b, text)


def many_strings(functions, strings, name=b"m"):
    """A portable image of one module whose functions have as many strings each, all of them different."""
    texts = [name] + [b"text number %d" % i for i in range(functions * strings)]
    ref = [string53(i + 1, len(t)) for i, t in enumerate(texts)]
    out = b"\x1bLua\x53\x0b\x19\x93\r\n\x1a\n\4\4\4\4\x20\0\x40\xb9\x43" + typed(3, 77) + b"\x19ss"
    out += count(max(17, *map(len, texts))) + count(len(texts) + 71) + count(0) + count(len(texts))
    out += b"".join(string53(len(t) + 1, len(t)) + t for t in texts)
    out += b"\x19pr" + count(functions)
    names = ref[:functions]
    for i in range(functions):
        own = ref[1 + i * strings:1 + (i + 1) * strings]
        code = [6 | (256 + k) << 14 for k in range(strings)] + [36 | 2 << 6 | 1 << 23 | 1 << 14]
        out += names[i] + b"\0\0\0\2\x10\0" + count(len(code)) + b"".join(struct.pack("<I", c) for c in code)
        out += count(strings) + b"".join(own) + b"\1" + count(0) + b"\0" + count(0)
    return out + count(functions + 1) + b"".join(names) + typed(3, 0x60000000)


def test_plain_tables_print_names_as_the_other_tables_do():
    path = WORK + "/names.img"
    with open(path, "wb") as f:
        f.write(many_strings(1, 1, name=b"a\\b\n<i>\x80"))
    plain = html.unescape(tap.run("--html", "-", path).decode().split("noscript>")[1])
    module = next(csv.DictReader(io.StringIO(tap.run("--modules", "--csv", path).decode())))["name"]
    assert module == r"a\\b\n<i>\x80" and f"<td>{module}<td" in plain, (module, plain)


def test_ten_thousand_strings_open_fast_and_are_searched_fast():
    path = WORK + "/large.img"
    with open(path, "wb") as f:
        f.write(many_strings(100, 100))
    start = time.monotonic()
    p = opened(path)
    took = time.monotonic() - start
    print(f"# {os.path.getsize(REPORT):,} bytes, written and opened in {took:.2f} s")
    assert took < 10, took
    p.js("go({ v: 'strings' })")
    assert p.js("report().view('strings').count") >= 10000
    assert p.js("document.querySelectorAll('tbody tr').length") < 200
    assert p.js("document.querySelectorAll('.tile').length") < 4000
    ms = p.js("(() => { const t = performance.now(); go({ q: '9999' }); table.box.offsetHeight; return performance.now() - t; })()")
    print(f"# searched in {ms:.0f} ms")
    assert len(rows(p)) == 1 and ms < 2000, (rows(p)[:3], ms)


if __name__ == "__main__":
    try:
        tap.main(globals())
    finally:
        shutil.rmtree(WORK)
        for page in pages:
            page.close()
