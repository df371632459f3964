"""Export a whole project: its form, all items with all answers, and their media."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation import formats, project_files


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("out", type=Path)
        parser.add_argument("--format", default="touchstone", help=f"one of: {', '.join(formats.item_exporters())}")
        parser.add_argument("--options", default="{}", help='JSON, e.g. {"raters": "names", "media": false}')

    def work(self, *, project: str, out: Path, format: str, options: str, **rest: Any) -> dict[str, Any]:
        found = find_project(project)
        counts = project_files.export_project(
            project=found, out=out, format=format, options=json.loads(options), progress=self.progress
        )
        return {"project": found.name, "path": str(out), **counts}
