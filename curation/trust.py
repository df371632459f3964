"""What pages and the API say of how far a version can be trusted, and the files that say it to others."""

from pathlib import Path
from typing import Any

from curation import croissant, sealing, signing
from curation.models import DatasetVersion

FILES = ("manifest.json", croissant.FILE, signing.FILE, "README.md")
STATES = {
    "valid": ("valid", "good"),
    "unsigned": ("not signed", "warn"),
    "changed": ("changed since it was signed", "bad"),
    "forged": ("signature does not fit", "bad"),
    "unknown": ("signed with another key", "bad"),
}


def signature(version: DatasetVersion) -> dict[str, Any]:
    """The state of its signature with what to say of it, and the public key (PEM) where it is trusted here."""
    keys = sealing.trusted()
    found = signing.check(version.path, keys)
    title, badge = STATES[found.state]
    pem = signing.public_pem(keys[found.key]).decode() if found.key in keys else ""
    return {
        "state": found.state, "title": title, "badge": badge, "text": found.text, "key": found.key, "public_key": pem,
    }  # fmt: skip


def file(version: DatasetVersion, name: str) -> Path | None:
    """One of `FILES` of a version; None where it is not there."""
    path = Path(version.path) / name
    return path if name in FILES and path.is_file() else None


def context(version: DatasetVersion) -> dict[str, Any]:
    """For the version's page."""
    return {
        "signature": signature(version),
        "trust_files": [name for name in FILES if file(version, name)],
        "in_use": version.dataset.used == version,
        "can_run_again": "pool" not in version.manifest["lineage"],
    }
