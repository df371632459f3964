"""Take a pool of a project through a pipeline: a new dataset version. Interrupted, --resume goes on with it."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation.models import Dataset, PoolPass
from curation.pools import services


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("pool", help="name of the pool")
        parser.add_argument("pipeline", type=Path, help="YAML file")
        parser.add_argument("--dataset", default="main", help="name of the dataset that gets the version")
        parser.add_argument("--resume", action="store_true", help="go on with the last pass of this pipeline")

    def work(
        self, *, project: str, pool: str, pipeline: Path, dataset: str, resume: bool, **options: Any
    ) -> dict[str, Any]:
        owner = find_project(project)
        found = owner.pools.filter(name=pool).first()
        if found is None:
            raise LookupError(f"The project has no pool {pool!r}; `manage.py import_pool` makes one.")
        if not pipeline.is_file():
            raise LookupError(f"There is no pipeline file {pipeline}.")
        text = pipeline.read_text(encoding="utf-8")
        row, _ = Dataset.objects.get_or_create(project=owner, name=dataset)
        known = found.passes.filter(dataset=row, pipeline=text, state=PoolPass.State.RUNNING).first()
        if not (resume and known):
            known = services.begin_pass(pool=found, dataset=row, pipeline_yaml=text)
        version = services.run_pass(over=known, progress=self.progress)
        return {"version": str(version), "hash": version.hash, "path": str(version.path), **version.manifest}
