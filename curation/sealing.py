"""What completes a written version's folder: its Croissant description, and this installation's signature.

SIGNING_DIR/private.pem          the key that signs, unless SIGNING_KEY names another; made once
            <fingerprint>.pub    every public key that ever signed here: what they signed is trusted
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone

from curation import croissant, signing, verifying, versions
from curation.pairs import canonical_json


def signing_key() -> Ed25519PrivateKey:
    """The private key of this installation; its public key is trusted from now on.

    Raises
    ------
    signing.SigningError
        If the file that SIGNING_KEY names is none.
    """
    folder = Path(settings.SIGNING_DIR)
    named = settings.SIGNING_KEY
    key = signing.read_key(Path(named)) if named else signing.make_key(folder / "private.pem")
    public = key.public_key()
    path = folder / f"{signing.fingerprint(public)}.pub"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        signing.write(path, signing.public_pem(public).decode())
    return key


def trusted() -> signing.Keys:
    """The public keys that signed here, by fingerprint."""
    found = [signing.read_public_key(path) for path in sorted(Path(settings.SIGNING_DIR).glob("*.pub"))]
    return {signing.fingerprint(key): key for key in found}


def seal(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Describe and sign a version's folder, unless that is done; ``manifest`` may say more than its own."""
    if (folder / signing.FILE).is_file():
        return
    if not (folder / croissant.FILE).is_file():
        sizes = {name: (folder / name).stat().st_size for name in manifest["files"]}
        told = croissant.describe(manifest, sizes, timezone.now().date())
        signing.write(folder / croissant.FILE, canonical_json(told) + "\n")
    signing.sign(folder, manifest["hash"], signing_key())


def sign_again(folder: Path) -> bool:
    """Sign a version that has no signature yet, or one by an older key of ours, once all else about it is right.

    Returns whether it had to be signed.

    Raises
    ------
    signing.SigningError
        If something about it is wrong, its signature included.
    """
    key = signing_key()
    found = signing.check(folder, trusted())
    if found.is_valid and found.key == signing.fingerprint(key.public_key()):
        return False
    wrong = [one for one in verifying.verify(folder, trusted()) if not one.is_right]
    if found.state == "unsigned":
        wrong = [one for one in wrong if one.subject != "signature"]
    if wrong:
        raise signing.SigningError(f"{wrong[0].subject}: {wrong[0].text}")
    (folder / signing.FILE).unlink(missing_ok=True)
    seal(folder, versions.load(folder).manifest)
    return True
