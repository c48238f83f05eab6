"""Fetches packages from their registries, without installing any of them system-wide.

Each registry is spoken to through its own client (apt-get download, pip download, npm pack), so
mirrors, proxies and credentials are whatever the machine is configured for.
"""

from __future__ import annotations

import fnmatch
import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from .manifest import Schema

TIMEOUT = 150

_apt_lock = Lock()
_apt_updated = False


class UnavailableError(Exception):
    """A schema cannot be collected here; the message is the one-line reason."""


def run(command: list[str], reason: str, cwd: Path | None = None) -> str:
    """Run a client; its failure becomes UnavailableError, with the last telling line it wrote."""
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except FileNotFoundError:
        raise UnavailableError(f"{reason}: {command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"{reason}: no answer in {TIMEOUT} s") from None
    if done.returncode:
        raise UnavailableError(f"{reason}: {_telling_line(done.stderr or done.stdout)}")
    return done.stdout


def _telling_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # pip's last word on a dead network is that there is no such package.
    network = [line for line in lines if "NewConnectionError" in line or "ECONN" in line]
    errors = [line for line in lines if line.lower().startswith(("e:", "error", "npm err"))]
    return ((network[:1] or errors or lines or ["no message"])[-1])[:200]


def packages(schema: Schema, store: Path) -> dict[str, Path]:
    """The package files of a schema, by package name; those already in store are kept."""
    return {name: _package(schema, name, store) for name in (schema.package, *schema.also)}


def _package(schema: Schema, name: str, store: Path) -> Path:
    folder = store / schema.registry / f"{name}-{schema.version or 'current'}"
    if not folder.exists():
        # Only a finished download gets the final name: half a package must not be kept.
        part = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        client = {"debian": _debian, "pypi": _pypi, "npm": _npm}[schema.registry]
        client(name, schema.version, part)
        part.rename(folder)
    found = _archive(folder)
    if not found:
        raise UnavailableError(f"{schema.registry} package {name}: the client left no file")
    return found


def _archive(folder: Path) -> Path | None:
    names = ("*.deb", "*.whl", "*.tgz")
    return next((path for pattern in names for path in sorted(folder.glob(pattern))), None)


def _debian(name: str, _version: str, folder: Path) -> None:
    global _apt_updated  # noqa: PLW0603
    # Downloading as _apt fails in a folder only root may write; the file is all we want.
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", name]
    try:
        run(command, f"debian package {name}", folder)
    except UnavailableError:
        with _apt_lock:
            # Fresh containers carry no package lists at all; one update is worth the try.
            if os.geteuid() == 0 and not _apt_updated:
                run(["apt-get", "-qq", "update"], "apt-get update")
                _apt_updated = True
        run(command, f"debian package {name}", folder)


def _pypi(name: str, version: str, folder: Path) -> None:
    requirement = f"{name}=={version}"
    options = ["--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    run([*_pip("download"), *options, requirement], f"pypi package {requirement}")


def _npm(name: str, version: str, folder: Path) -> None:
    command = ["npm", "pack", "--loglevel=error", "--ignore-scripts", f"{name}@{version}"]
    run(command, f"npm package {name}@{version}", folder)


def _pip(action: str) -> list[str]:
    return [sys.executable, "-m", "pip", action, "-q", "--disable-pip-version-check"]


def install(requires: list[str], target: Path) -> None:
    """Install what a producer script imports into a directory of its own."""
    marker = target / ".complete"
    if marker.exists() and marker.read_text() == "\n".join(requires):
        return
    shutil.rmtree(target, ignore_errors=True)
    options = ["--no-compile", "--only-binary", ":all:", "--target", str(target)]
    run([*_pip("install"), *options, *requires], f"pypi {', '.join(requires)}")
    marker.write_text("\n".join(requires))


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of every regular file in a package."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if not name.endswith("/"):
                    yield name, wheel.read(name)
        return
    with _tar(archive) as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isreg() else None
            if content:
                # ./usr/share in a .deb, package/dist in what npm packs
                yield entry.name.removeprefix("./").removeprefix("package/"), content.read()


def _tar(archive: Path) -> tarfile.TarFile:
    if archive.suffix != ".deb":
        return tarfile.open(archive)
    command = ["dpkg-deb", "--fsys-tarfile", str(archive)]
    try:
        data = subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT).stdout
    except FileNotFoundError:
        raise UnavailableError("dpkg-deb is not installed") from None
    return tarfile.open(fileobj=io.BytesIO(data))


def sql_files(schema: Schema, archives: dict[str, Path]) -> list[tuple[str, str]]:
    """Path and text of the files the manifest names, in its order, each once."""
    contents = {name: _wanted(schema, name, path) for name, path in archives.items()}
    chosen: dict[tuple[str, str], str] = {}
    for entry in schema.files:
        package, patterns = _entry(schema, entry)
        matches = [name for name in sorted(contents[package]) if _matches(name, patterns)]
        if not matches:
            raise UnavailableError(f"{package} holds no file {entry}")
        for name in matches:
            chosen.setdefault((package, name), _text(schema, name, contents[package][name]))
    return [(name, text) for (_, name), text in chosen.items()]


def _entry(schema: Schema, entry: str) -> tuple[str, list[str]]:
    package, colon, patterns = entry.rpartition(":")
    return (package if colon else schema.package), patterns.split("|")


def _wanted(schema: Schema, package: str, archive: Path) -> dict[str, bytes]:
    entries = [_entry(schema, entry) for entry in schema.files]
    patterns = [p for name, some in entries if name == package for p in some]
    return {name: data for name, data in members(archive) if _matches(name, patterns)}


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _text(schema: Schema, name: str, data: bytes) -> str:
    raw = gzip.decompress(data) if name.endswith(".gz") else data
    text = raw.decode("utf-8", errors="replace")
    for placeholder, value in schema.replace.items():
        text = text.replace(placeholder, value)
    return text


def extract(archive: Path, target: Path) -> None:
    """Unpack a whole package, for the scripts that run its own code."""
    for name, data in members(archive):
        path = target / name
        if path.resolve().is_relative_to(target.resolve()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
