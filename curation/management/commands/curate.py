"""Run a pipeline over a project's pairs: a new dataset version, or with --preview only its counts."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation import services
from curation.models import Dataset


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("pipeline", type=Path, help="YAML file")
        parser.add_argument("--dataset", default="main", help="name of the dataset that gets the version")
        parser.add_argument("--preview", action="store_true", help="write nothing")

    def work(self, *, project: str, pipeline: Path, dataset: str, preview: bool, **options: Any) -> dict[str, Any]:
        found = find_project(project)
        if not pipeline.is_file():
            raise LookupError(f"There is no pipeline file {pipeline}.")
        text = pipeline.read_text(encoding="utf-8")
        if preview:
            _, result = services.plan(project=found, pipeline_yaml=text, progress=self.progress)
            return {"summary": result.summary}
        row, _ = Dataset.objects.get_or_create(project=found, name=dataset)
        version = services.curate(dataset=row, pipeline_yaml=text, progress=self.progress)
        return {"version": str(version), "hash": version.hash, "path": str(version.path), **version.manifest}
