"""Published crates, by way of cargo."""

import json
import pathlib
import re
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


def make_testable(folder):
    """Makes a copy of a published crate a workspace of its own, without the targets and dependencies that its
    unit tests do not use."""
    used = "\n".join(path.read_text(errors="replace") for path in folder.glob("src/**/*.rs"))
    kept = []
    for section in re.split(r"^(?=\[)", (folder / "Cargo.toml").read_text(), flags=re.M):
        head = section.split("\n", 1)[0].strip()
        development = re.match(r"\[(?:target\..*\.)?dev-dependencies\.\"?([\w-]+)", head)
        if development and not re.search(rf"\b{development[1].replace('-', '_')}\b", used):
            continue
        if head in ("[[bench]]", "[[example]]", "[[test]]"):
            continue
        kept.append(section)
    (folder / "Cargo.toml").write_text("".join(kept) + "\n[workspace]\n")
    # What a lock file says was said about the dependencies that are gone.
    (folder / "Cargo.lock").unlink(missing_ok=True)
