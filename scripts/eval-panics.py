#!/usr/bin/env python3
"""Lays out cases whose sources the registry has: eval-panics.py FROM TO [--halves]

A case names a published version of a crate; cargo fetches it. What is laid out is a copy below TO, with the
fault put in where there is a seed.patch. With --halves the cases go to TO/seen and TO/held-out, by a hash of
their names: who improves an agent looks at the first only.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

from registry import make_testable, sources


def half(name):
    return "seen" if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else "held-out"


def main():
    cases, to = map(pathlib.Path, sys.argv[1:3])
    shutil.rmtree(to, ignore_errors=True)
    fetched = {}
    for case in sorted(cases.glob("*/bug.json")):
        registry = json.loads(case.read_text()).get("registry")
        if not registry:
            continue
        name = case.parent.name
        target = to / half(name) / name if "--halves" in sys.argv[3:] else to / name
        stands_for = target / registry["stands_for"]
        stands_for.parent.mkdir(parents=True, exist_ok=True)
        crate = (registry["name"], registry["version"])
        if crate not in fetched:
            fetched[crate] = sources(*crate)
        shutil.copytree(fetched[crate], stands_for)
        patch = case.parent / "seed.patch"
        if patch.exists():
            subprocess.run(["git", "apply", "--whitespace=nowarn", patch.resolve()], cwd=stands_for, check=True,
                           env={**os.environ, "GIT_CEILING_DIRECTORIES": str(stands_for.parent.resolve())})
            make_testable(stands_for)
        for part in ("bug.json", "backtrace.txt"):
            shutil.copy(case.parent / part, target / part)


main()
