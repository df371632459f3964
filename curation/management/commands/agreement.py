"""Agreement of a project's raters on one question, with intervals."""

from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation import selectors, services


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("--question", default="", help="name of a question; default: the first")

    def work(self, *, project: str, question: str, **options: Any) -> dict[str, Any]:
        found = find_project(project)
        question = question or selectors.questions(found)[0].name
        report = services.compute_agreement(project=found, question=question, progress=self.progress)
        return {"question": question, **report.figures}
