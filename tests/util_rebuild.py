# SPDX-License-Identifier: MIT
"""What the tests of strscan --rebuild share."""
import json
import os
import sys
import tempfile

import jsonschema

sys.path.insert(0, "tests")
from tap import GOLDEN, STRSCAN, Skip  # noqa: E402
from tap import run as run_any  # noqa: E402

SCHEMA = json.load(open("tests/schema/rebuild-1.schema.json"))
IMG = GOLDEN + "img/"
APP = ["_init", "main", "config", "sensor", "publish", "httpd"]
KINDS = {"51f": "lua51-float", "51i": "lua51-int", "53": "lua53", "53d": "lua53-64"}


class Folder(tempfile.TemporaryDirectory):
    def __enter__(self):
        name = super().__enter__()
        self.out = name + "/new.img"
        return self


PROGRAM = os.path.abspath(STRSCAN)


def rebuild(folder, *args, status=0, env=None):
    """The new image's bytes; None when there is none."""
    rebuild.report = run_any("--rebuild", *args, "-o", folder.out, status=status, env=env,
                             program=PROGRAM).decode()
    rebuild.words = run_any.stderr.decode()
    if status == 0 and "no Lua" in rebuild.words:
        raise Skip("no Lua library")
    return open(folder.out, "rb").read() if os.path.exists(folder.out) else None


def modules(path):
    doc = json.loads(run_any("--json", "--modules", path))
    return [m["name"] for m in sorted(doc["modules"], key=lambda m: m["offset"])]


def identity(path):
    return run_any("--id", path).split()[0]


def report(*args, status=0, **options):
    """The report of a rebuild as JSON."""
    doc = json.loads(run_any("--rebuild", "--format", "json", *args, status=status,
                             program=STRSCAN, **options))
    jsonschema.validate(doc, SCHEMA)
    return doc


def strings_of(path):
    strings = json.loads(run_any("--json", "--strings", path))["strings"]
    return {s["text"] for s in strings if s["kind"] != "line_info"}
