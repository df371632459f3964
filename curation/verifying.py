"""Whether a dataset version is what its name says: its content, every file, and who signed it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation import signing, versions

HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ``subject`` (content, name, signature, or a file), whether it is right, and in words."""

    subject: str
    is_right: bool
    text: str


def verify(folder: Path, keys: signing.Keys, expected: str = "") -> list[Finding]:
    """Everything that can be said of a version's folder.

    Parameters
    ----------
    keys : the public keys that are trusted.
    expected : the hash that it should have; "" where only its folder's name says so.

    Raises
    ------
    versions.VersionError
        If there is no version in the folder.
    """
    version = versions.load(folder)
    expected = expected or (folder.name if HASH.fullmatch(folder.name) else "")
    named, files = _name(version.hash, expected), _files(folder, version.manifest)
    return [*named, _content(folder), *files, _signature(folder, keys)]


def _name(found: str, expected: str) -> Iterator[Finding]:
    if expected:
        text = "as named" if found == expected else f"the manifest is that of version {found}, not of {expected}"
        yield Finding("name", found == expected, text)


def _content(folder: Path) -> Finding:
    try:
        is_right = versions.verify(folder)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        return Finding("content", False, f"the rows cannot be read: {error!s:.300}")
    text = "rows, trace and pipeline give the hash" if is_right else "rows, trace and pipeline give another hash"
    return Finding("content", is_right, text)


def _files(folder: Path, manifest: Any) -> Iterator[Finding]:
    """Every data file beside its digest in the manifest."""
    listed = manifest.get("files") or {}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}
    for name in sorted(listed.keys() | there):
        if name not in listed:
            yield Finding(name, False, "the manifest does not know this file")
        elif name not in there:
            yield Finding(name, False, "the file is missing")
        else:
            with (folder / name).open("rb") as file:
                is_right = file_digest(file, "sha256").hexdigest() == listed[name]
            yield Finding(
                name, is_right, "as listed" if is_right else "its bytes are not those that the manifest lists"
            )


def _signature(folder: Path, keys: signing.Keys) -> Finding:
    found = signing.check(folder, keys)
    return Finding("signature", found.is_valid, f"valid, by key {found.key}" if found.is_valid else found.text)
