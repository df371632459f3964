"""Whether a dataset version is what its name says: its rows, every file, its signature; 1 where something is wrong."""

from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser

from annotate.commands import JobCommand
from curation import sealing, selectors, signing, verifying


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", help="hash of the version, its first characters, or a folder, also a copy")
        parser.add_argument("--public-key", type=Path, help="trust this key only; default: those that signed here")

    def work(self, *, version: str, public_key: Path | None, **options: Any) -> dict[str, Any]:
        folder, expected = Path(version), ""
        if not folder.is_dir():
            found = selectors.find_version(version)
            folder, expected = found.path, found.hash
        key = signing.read_public_key(public_key) if public_key else None
        keys = {signing.fingerprint(key): key} if key else sealing.trusted()
        findings = verifying.verify(folder.resolve(), keys, expected)
        return {
            "right": {found.subject: found.text for found in findings if found.is_right},
            "wrong": {found.subject: found.text for found in findings if not found.is_right},
        }

    def describe(self, result: dict[str, Any], as_json: bool) -> None:
        super().describe(result if as_json or result["wrong"] else {"right": result["right"]}, as_json)
        if result["wrong"]:
            raise CommandError(f"The version is not what it should be: {', '.join(result['wrong'])}.")
