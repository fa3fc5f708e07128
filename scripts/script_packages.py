"""Published packages of PyPI and npm, by their ordinary clients, checked against a hash."""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile


def fetch(kind, name, version, into):
    """Downloads the package's one file into a folder; its path and its SHA-256."""
    into = pathlib.Path(into)
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        if kind == "pypi":
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
                       "--disable-pip-version-check", "--dest", folder, f"{name}=={version}"]
        else:
            command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{version}"]
        done = subprocess.run(command, capture_output=True, text=True)
        files = sorted(pathlib.Path(folder).iterdir())
        if done.returncode != 0 or len(files) != 1:
            sys.exit(f"{kind}: {name} {version} cannot be fetched:\n{done.stderr}")
        target = into / files[0].name
        shutil.move(files[0], target)
    return target, hashlib.sha256(target.read_bytes()).hexdigest()


def unpack(archive, into):
    """Lays a package's files out in a folder, without the folder that npm wraps around them."""
    into = pathlib.Path(into)
    into.mkdir(parents=True)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(into)
        return
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        inner = next(pathlib.Path(folder).iterdir())
        for one in inner.iterdir():
            shutil.move(str(one), into / one.name)


def laid_out(registry, cache, into):
    """The files of the package that a case names, in a folder; refuses what has another hash."""
    cache = pathlib.Path(cache)
    known = cache / f"{registry['kind']}-{registry['name'].replace('/', '-')}-{registry['version']}"
    files = sorted(known.iterdir()) if known.is_dir() else []
    archive = files[0] if files else fetch(registry["kind"], registry["name"], registry["version"], known)[0]
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != registry["sha256"]:
        sys.exit(f"{archive.name} has the hash {found}, not {registry['sha256']}")
    unpack(archive, into)


def read(path):
    return json.loads(pathlib.Path(path).read_text())
