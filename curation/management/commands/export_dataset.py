"""Export a dataset version in a trainer's format."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand
from curation import exporting, formats, selectors


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", help="hash of the version, or its first characters")
        parser.add_argument("out", type=Path)
        parser.add_argument("--format", default="trl", help=f"one of: {', '.join(formats.exporters())}")
        parser.add_argument("--options", default="{}", help="JSON; see the format")

    def work(self, *, version: str, out: Path, format: str, options: str, **rest: Any) -> dict[str, Any]:
        found = selectors.find_version(version)
        counts = exporting.export(found.path, format, json.loads(options), out)
        return {"version": found.hash, "path": str(out), **counts}
