#!/usr/bin/env python3
"""Lays out the seeded cases of Python and JavaScript: eval-exceptions.py FROM TO

Each case names a published package by version and hash; pip or npm fetches it. What is laid out is a copy below
TO/tuned or TO/held-back, with the fault put in. Which half a case belongs to is decided by its name alone: the
agent is made better by looking at the first half and measured on the second, which nobody looks into.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from script_packages import laid_out, read  # noqa: E402


def half(name):
    """By the first bit of the name's SHA-256."""
    return "held-back" if hashlib.sha256(name.encode()).digest()[0] & 0x80 else "tuned"


def main():
    cases, to = map(pathlib.Path, sys.argv[1:3])
    for part in ("tuned", "held-back"):
        shutil.rmtree(to / part, ignore_errors=True)
    for case in sorted(cases.glob("*/bug.json")):
        bug = read(case)
        target = to / half(bug["id"]) / bug["id"]
        target.mkdir(parents=True)
        package = target / "package"
        laid_out(bug["registry"], to / "fetched", package)
        subprocess.run(["git", "apply", "--whitespace=nowarn", (case.parent / "seed.patch").resolve()], cwd=package,
                       check=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(target.resolve())})
        for name in ("bug.json", "traceback.txt"):
            shutil.copy(case.parent / name, target / name)


main()
