"""The whole path over one file, headless: import, agree, curate, train, evaluate, export."""

from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand
from curation import formats
from rewardtrain.main_job import MainJob


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", help="a file, a folder in the hub's layout, or hub:owner/name")
        parser.add_argument("--format", required=True, help=f"one of: {', '.join(formats.importers())}")
        parser.add_argument("--group-by", default="", metavar="FIELD", help="rows of one group stay in one split")
        parser.add_argument("--seed", type=int, default=0)

    def work(self, *, source: str, format: str, group_by: str, seed: int, **options: Any) -> dict[str, Any]:
        return MainJob(source=source, format=format, group_by=group_by, seed=seed, progress=self.progress).run()
