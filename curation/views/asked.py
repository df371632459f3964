"""Which question and dimension a page is about."""

from typing import Any

from django.http import Http404, HttpRequest

from annotate.feedback import OVERALL
from curation import candidates, selectors


def question_and_dimension(request: HttpRequest) -> tuple[Any, list[str], str]:
    """The question asked for, its dimensions, and the one asked for; 404 for what the project does not ask."""
    given = request.POST if request.method == "POST" else request.GET
    questions = selectors.questions(request.project, pairwise=True)
    name = given.get("question") or (questions[0].name if questions else "")
    question = next((row for row in questions if row.name == name), None)
    if question is None:
        if name:
            raise Http404("There is no such question.")
        return None, [], ""
    dimensions = candidates.dimensions(request.project, question.name)
    dimension = given.get("dimension", "")
    if dimension not in ("", *dimensions):
        raise Http404("There is no such dimension.")
    dimension = dimension or candidates.default_dimension(request.project, question.name)
    return question, dimensions, "" if dimension == OVERALL else dimension
