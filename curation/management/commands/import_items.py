"""Import a file, a folder in the hub's layout, or hub:owner/name into a project."""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation import formats, kept_mappings
from curation.downloads import unpacked
from curation.importing import import_items


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("source")
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--format", default="", help=f"one of: {', '.join(formats.importers())}")
        how.add_argument(
            "--mapping",
            default="",
            metavar="FILE|NAME",
            help="YAML that says what the columns mean, or one kept by name",
        )
        parser.add_argument("--group-by", default="", metavar="FIELD", help="rows of one group stay in one split")

    def work(
        self, *, project: str, source: str, format: str, mapping: str, group_by: str, **options: Any
    ) -> dict[str, Any]:
        rejected = settings.EXPORTS_DIR / str(uuid.uuid4()) / "rejected.csv"
        into = find_project(project)
        if mapping:
            file = Path(mapping)
            mapping = file.read_text("utf-8") if file.is_file() else kept_mappings.text_of(into.organisation, mapping)
        with unpacked(source) as found:
            return import_items(
                project=into,
                source=found,
                format=format,
                mapping=mapping,
                group_by=group_by,
                rejected_path=rejected,
                progress=self.progress,
            ).to_dict()
