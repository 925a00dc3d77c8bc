#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pictures of the browser for the README: SVG, made from the screens that tmux shows.

tests/tui_picture.py FOLDER (samples) writes tui.svg, tui-diff.svg, tui-strings.svg."""
import html
import re
import sys

from tui_tmux import Browser

SAMPLE = "samples/lfs-51-double.img"
COLOURS = ["#1e2127", "#e06c75", "#98c379", "#e5c07b", "#3b6ea8", "#c678dd", "#56b6c2", "#dcdfe4"]
BACK, FRONT = "#1e2127", "#dcdfe4"
WIDTH, HEIGHT = 8.4, 18


class Look:
    def __init__(self):
        self.front, self.back, self.bold, self.underline, self.reverse = None, None, False, False, False

    def take(self, codes):
        for c in [int(c or 0) for c in codes.split(";")]:
            if c == 0:
                self.__init__()
            elif c == 1:
                self.bold = True
            elif c == 4:
                self.underline = True
            elif c == 7:
                self.reverse = True
            elif 30 <= c <= 37:
                self.front = COLOURS[c - 30]
            elif c == 39:
                self.front = None
            elif 40 <= c <= 47:
                self.back = COLOURS[c - 40]
            elif c == 49:
                self.back = None

    def colours(self):
        front, back = self.front or FRONT, self.back or BACK
        return (back, front) if self.reverse else (front, back)


def line_svg(line, y, out):
    look, x = Look(), 0
    for codes, text in re.findall(r"(?:\x1b\[([0-9;]*)m)|([^\x1b]+)", line):
        if not text:
            look.take(codes)
            continue
        front, back = look.colours()
        width = len(text) * WIDTH
        at = x * WIDTH
        if back != BACK:
            out.append(f'<rect x="{at:.1f}" y="{y * HEIGHT}" width="{width:.1f}" height="{HEIGHT}"'
                       f' fill="{back}"/>')
        if text.strip():
            style = ' font-weight="bold"' * look.bold + ' text-decoration="underline"' * look.underline
            out.append(f'<text x="{at:.1f}" y="{y * HEIGHT + 14}" fill="{front}"{style} '
                       f'textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs">'
                       f"{html.escape(text)}</text>")
        x += len(text)


def picture(path, args, keys, wanted, cols=100, rows=28):
    with Browser(*args, cols=cols, rows=rows) as b:
        b.sees("lfstui")
        for k in keys:
            if k.startswith("="):
                b.type(k[1:])
            else:
                b.keys(k)
        b.sees(wanted)
        screen = b.tmux("capture-pane", "-p", "-e").rstrip("\n").split("\n")
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{cols * WIDTH:.0f}" '
           f'height="{rows * HEIGHT}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" '
           'font-size="14" xml:space="preserve">',
           f'<rect width="100%" height="100%" fill="{BACK}"/>']
    for y, line in enumerate(screen):
        line_svg(line, y, out)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join([*out, "</svg>", ""]))


def main(folder):
    picture(folder + "/tui.svg", [SAMPLE], ["Down", "Right", "Down", "Down", "Tab", "5", "j"],
            "function 20-32: code")
    picture(folder + "/tui-diff.svg", ["samples/lfs-53.img", SAMPLE],
            ["Down", "Right", "Down", "Down", "Down"], ": code", cols=120)
    picture(folder + "/tui-strings.svg", [SAMPLE, "samples/capture-51.json"],
            ["G", "Up", "Up", "Up", "Up", "Tab", "4", "j", "m", "m", "m"], "3 marked")


main(sys.argv[1] if len(sys.argv) > 1 else "samples")
