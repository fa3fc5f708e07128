#!/usr/bin/env python3
"""Lays out the cases of tests/panic4r whose sources the registry has: eval-panics.py FROM TO

A case names a published version of a crate; cargo fetches it. What is laid out is a copy below TO.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile


def sources(name, version):
    """The folder of a published crate, fetched if it is not there."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "src").mkdir()
        (root / "src/lib.rs").write_text("")
        (root / "Cargo.toml").write_text(
            '[package]\nname = "fetched"\nversion = "0.0.0"\nedition = "2021"\n\n'
            f'[workspace]\n\n[dependencies]\n{name} = "={version}"\n'
        )
        command = ["cargo", "metadata", "--quiet", "--format-version", "1"]
        found = subprocess.run(command, cwd=root, capture_output=True, text=True)
        if found.returncode != 0:
            sys.exit(f"eval: {name} {version} cannot be fetched:\n{found.stderr}")
        for package in json.loads(found.stdout)["packages"]:
            if (package["name"], package["version"]) == (name, version):
                return pathlib.Path(package["manifest_path"]).parent
    sys.exit(f"eval: cargo does not say where {name} {version} is")


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
        for name in ("bug.json", "backtrace.txt"):
            shutil.copy(case.parent / name, target / name)


main()
