"""Evaluate a reward model on its version's test split, or on any pair file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand
from rewardtrain import evaluation, services
from rewardtrain.models import RewardModel


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", type=int, help="number of the model")
        parser.add_argument("--data", type=Path, help="Parquet or JSON-lines file, or a dataset folder")
        parser.add_argument("--suite", default="pairs", help=f"one of: {', '.join(evaluation.names())}")
        parser.add_argument("--split", default="test")

    def work(self, *, model: int, data: Path | None, suite: str, split: str, **options: Any) -> dict[str, Any]:
        found = RewardModel.objects.filter(pk=model).first()
        if found is None:
            raise LookupError(f"There is no reward model {model}.")
        result = services.evaluate(model=found, suite=suite, data=data, split=split, progress=self.progress)
        return {"model": model, "suite": suite, "data": result.data, "figures": result.figures}
