#!/usr/bin/env python3
"""Lays out cases whose sources the registry has: eval-panics.py FROM TO

A case names a published version of a crate; cargo fetches it. What is laid out is a copy below TO, with the
fault put in where there is a seed.patch.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

from registry import sources


def main():
    cases, to = map(pathlib.Path, sys.argv[1:3])
    shutil.rmtree(to, ignore_errors=True)
    for case in sorted(cases.glob("*/bug.json")):
        registry = json.loads(case.read_text()).get("registry")
        if not registry:
            continue
        target = to / case.parent.name
        stands_for = target / registry["stands_for"]
        stands_for.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(sources(registry["name"], registry["version"]), stands_for)
        patch = case.parent / "seed.patch"
        if patch.exists():
            subprocess.run(["git", "apply", "--whitespace=nowarn", patch.resolve()], cwd=stands_for, check=True,
                           env={**os.environ, "GIT_CEILING_DIRECTORIES": str(stands_for.parent.resolve())})
        for name in ("bug.json", "backtrace.txt"):
            shutil.copy(case.parent / name, target / name)


main()
