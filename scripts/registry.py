"""Published crates, by way of cargo."""

import json
import pathlib
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
