"""The whole path over one file, headless: import, agree, curate, train, evaluate, export."""

from pathlib import Path
from typing import Any

import yaml
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
        parser.add_argument("--recipe", type=Path, help="YAML file with settings of the training")
        parser.add_argument("--no-train", dest="train", action="store_false", help="stop before the training")

    def work(self, *, source: str, format: str, recipe: Path | None, **options: Any) -> dict[str, Any]:
        own = {name: options[name] for name in ("group_by", "seed", "train")}
        settings = yaml.safe_load(recipe.read_text(encoding="utf-8")) if recipe else {}
        return MainJob(source=source, format=format, recipe=settings, progress=self.progress, **own).run()
