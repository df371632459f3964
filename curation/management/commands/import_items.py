"""Import a file, a folder in the hub's layout, or hub:owner/name into a project."""

import uuid
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation import formats
from curation.importing import import_items


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("source")
        parser.add_argument("--format", required=True, help=f"one of: {', '.join(formats.importers())}")
        parser.add_argument("--group-by", default="", metavar="FIELD", help="rows of one group stay in one split")

    def work(self, *, project: str, source: str, format: str, group_by: str, **options: Any) -> dict[str, Any]:
        rejected = settings.EXPORTS_DIR / str(uuid.uuid4()) / "rejected.csv"
        return import_items(
            project=find_project(project),
            source=source,
            format=format,
            group_by=group_by,
            rejected_path=rejected,
            progress=self.progress,
        ).to_dict()
