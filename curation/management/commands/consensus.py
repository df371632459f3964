"""Estimate the consensus on one question of a project."""

from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation import aggregation, selectors, services


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("--question", default="", help="name of a question; default: the first")
        parser.add_argument(
            "--method", default=aggregation.DEFAULT, help=f"one of: {', '.join(aggregation.names(None))}"
        )
        parser.add_argument("--seed", type=int, default=0)

    def work(self, *, project: str, question: str, method: str, seed: int, **options: Any) -> dict[str, Any]:
        found = find_project(project)
        question = question or selectors.questions(found)[0].name
        runs = services.compute_consensus(
            project=found, question=question, method=method, seed=seed, progress=self.progress
        )
        return {"question": question, "method": method, "runs": [selectors.describe_consensus(run) for run in runs]}
