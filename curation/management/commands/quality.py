"""The figures of a project's data-quality page for one question, with intervals."""

from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation import selectors, services


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("--question", default="", help="name of a question; default: the first that compares")
        parser.add_argument("--dimension", default="", help="one of its dimensions; default: the whole judgement")

    def work(self, *, project: str, question: str, dimension: str, **options: Any) -> dict[str, Any]:
        found = find_project(project)
        if not question:
            pairwise = selectors.questions(found, pairwise=True)
            if not pairwise:
                raise LookupError("No question of this project compares responses, so there is nothing to plot.")
            question = pairwise[0].name
        report = services.compute_quality(project=found, question=question, dimension=dimension, progress=self.progress)
        return {"question": question, "dimension": report.dimension, "plots": report.figures}
