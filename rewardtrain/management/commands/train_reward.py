"""Train a reward model on a dataset version, here and now, and evaluate it on the test split."""

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import CommandParser

from annotate.commands import JobCommand
from curation import selectors
from rewardtrain import services
from rewardtrain.models import Run


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", help="hash of the dataset version, or its first characters")
        parser.add_argument("--recipe", type=Path, help="YAML file")
        parser.add_argument("--name", default="")
        parser.add_argument("--resume", type=int, metavar="RUN", help="go on with this run")

    def work(
        self, *, version: str, recipe: Path | None, name: str, resume: int | None, **options: Any
    ) -> dict[str, Any]:
        if resume:
            run = Run.objects.filter(pk=resume).first()
            if run is None:
                raise LookupError(f"There is no run {resume}.")
        else:
            found = selectors.find_version(version)
            values = yaml.safe_load(recipe.read_text(encoding="utf-8")) if recipe else {}
            run = services.create_run(version=found, name=name or f"run on {found}", recipe=values)
        model = services.train(run=run, progress=self.progress)
        report = {"run": run.pk, "model": model.pk, "path": str(model.folder)}
        if not run.version.manifest["rows"].get("test"):
            return {**report, "left_out": "The version has no test split to evaluate on."}
        return {**report, "figures": services.evaluate(model=model, progress=self.progress).figures}
