"""Import a file, a folder in the hub's layout, or hub:owner/name into a pool of a project."""

import uuid
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation import formats
from curation.models import Pool
from curation.pools import services


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("source")
        parser.add_argument("--pool", default="main", help="name; a new one starts a new pool")
        parser.add_argument("--format", required=True, help=f"one of: {', '.join(formats.importers())}")
        parser.add_argument("--group-by", default="", metavar="FIELD", help="rows of one group stay in one split")

    def work(self, *, project: str, source: str, pool: str, format: str, group_by: str, **options: Any) -> Any:
        found, _ = Pool.objects.get_or_create(project=find_project(project), name=pool)
        result = services.import_pool(
            pool=found,
            source=source,
            format=format,
            group_by=group_by,
            rejected_path=settings.EXPORTS_DIR / str(uuid.uuid4()) / "rejected.csv",
            progress=self.progress,
        )
        return {"pool": found.pk, **asdict(result)}
