"""Signatures of dataset versions: who vouches for a folder, and whether the folder is still the one vouched for.

    <version>/signature.json
    {"algorithm": "Ed25519", "key": "<fingerprint>",
     "signed": {"version": "<hash>", "files": {"README.md": "<sha256>", "croissant.json": …, "manifest.json": …}},
     "signature": "<base64>"}

Signed is the canonical JSON of ``signed``. The manifest holds the digests of all data files, so one signature covers
the whole folder. A fingerprint is SHA-256 of the public key in DER, as this prints it too:
``openssl pkey -pubin -in FILE -outform DER | sha256sum``.
"""

import base64
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from curation.pairs import canonical_json

FILE = "signature.json"
ALGORITHM = "Ed25519"
DESCRIBING = ("README.md", "croissant.json", "manifest.json")  # signed where they are there
MOST_BYTES = 100_000  # of a signature file or a key
Keys = Mapping[str, Ed25519PublicKey]  # by fingerprint


class SigningError(ValueError):
    """A key or a signature that cannot be used; the message says why."""


@dataclass(frozen=True)
class Signature:
    """What a version's signature says, and what is wrong with it: nothing where it holds.

    ``state`` is one of valid, unsigned, changed (a described file is another one), forged (the signature does not fit
    what it signs), unknown (signed with a key that is not trusted here).
    """

    state: str
    key: str = ""
    text: str = ""
    changed: list[str] = field(default_factory=list)

    @property
    def is_valid(self) -> bool:
        return self.state == "valid"


def make_key(path: Path) -> Ed25519PrivateKey:
    """The private key at ``path``; made once, readable by its owner only, where there is none yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # for its owner only
        with os.fdopen(handle, "wb") as file:
            file.write(made)
        try:
            os.link(partial, path)
        except FileExistsError:
            pass  # another process was quicker
        finally:
            os.unlink(partial)
    return read_key(path)


def read_key(path: Path) -> Ed25519PrivateKey:
    """A private key from its file (PEM, without a passphrase)."""
    try:
        key = load_pem_private_key(_read(path), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningError(f"{path.name} holds no private key that can be used: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(f"{path.name} holds a key of another kind; signing takes {ALGORITHM}.")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """A public key from its file (PEM)."""
    try:
        key = load_pem_public_key(_read(path))
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise SigningError(f"{path.name} holds no public key that can be read: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise SigningError(f"{path.name} holds a key of another kind; signatures are {ALGORITHM}.")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as a file."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Ed25519PublicKey) -> str:
    """What names a public key: 64 hexadecimal digits."""
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def sign(folder: Path, version: str, key: Ed25519PrivateKey) -> None:
    """Sign a version's folder as it stands, in place of a signature that was there."""
    signed = {"version": version, "files": described(folder)}
    made = {
        "algorithm": ALGORITHM,
        "key": fingerprint(key.public_key()),
        "signed": signed,
        "signature": base64.b64encode(key.sign(_message(signed))).decode(),
    }
    write(folder / FILE, json.dumps(made, indent=1) + "\n")


def check(folder: Path, keys: Keys) -> Signature:
    """What a folder's signature is worth to somebody who trusts ``keys``. Data files are not read."""
    try:
        found = json.loads(_read(folder / FILE))
        name, signed, signature = found["key"], found["signed"], base64.b64decode(found["signature"], validate=True)
        files, version, message = dict(signed["files"]), signed["version"], _message(signed)
        if not isinstance(name, str) or found["algorithm"] != ALGORITHM:
            raise SigningError(f"it is no {ALGORITHM} signature")
    except FileNotFoundError:
        return Signature("unsigned", text="There is no signature.")
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Signature("forged", text=f"The signature cannot be read: {error!r:.200}")
    if name not in keys:
        return Signature("unknown", name, "It is signed with a key that is not trusted here.")
    try:
        keys[name].verify(signature, message)
    except InvalidSignature:
        return Signature("forged", name, "The signature was not made with this key over what it says.")
    if version != json_hash(folder):
        return Signature("changed", name, "The signature is that of another version.", ["manifest.json"])
    now = described(folder)
    if changed := sorted(file for file in files.keys() | now.keys() if files.get(file) != now.get(file)):
        return Signature("changed", name, f"Not as it was signed: {', '.join(changed)}.", changed)
    return Signature("valid", name)


def json_hash(folder: Path) -> Any:
    """The hash that a folder's manifest names; None where there is none to read."""
    try:
        return json.loads((folder / "manifest.json").read_text("utf-8"))["hash"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def described(folder: Path) -> dict[str, str]:
    """SHA-256 of each file that describes a version."""
    found = {}
    for name in DESCRIBING:
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                found[name] = file_digest(file, "sha256").hexdigest()
    return found


def write(path: Path, text: str) -> None:
    """A small file, at once and whole; readable by all."""
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(partial, 0o644)
    os.replace(partial, path)


def _message(signed: Mapping[str, Any]) -> bytes:
    return canonical_json(signed).encode("utf-8", "surrogatepass")


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)
