"""Stored agreement figures as pages show them: with charts, and links to the tasks behind them."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from annotate.access.policy import Permission
from annotate.models import Project
from curation import charts


def dimension_page(
    project: Project,
    question: str,
    figures: Mapping[str, Any],
    id: int | str,
    names: Mapping[str, str],
    granted: Collection[Permission],
) -> dict[str, Any]:
    """One dimension of a report with its charts; ``names`` as `curation.selectors.rater_titles`.

    ``granted``: the reader's permissions; only those who review see the tasks behind a figure.
    """
    tasks_url = reverse("tasks", args=[project.pk])

    def link(a: str, b: str) -> str:
        query = {"raters": f"{a},{b}", "differ": 1, "question": question, "dimension": figures["dimension"]}
        return f"{tasks_url}?{urlencode(query)}"

    answers = [(row["category"], row["share"]) for row in figures["prevalence"]]
    return {
        **figures,
        "matrices": [
            charts.matrix(matrix, names, link if Permission.REVIEW in granted else None, id=f"matrix-{id}-{number}")
            for number, matrix in enumerate(figures["matrices"])
            if len(matrix["raters"]) > 1
        ],
        "prevalence_chart": charts.bars(answers, id=f"prevalence-{id}", title="Answers", share=True)
        if answers
        else None,
    }
