"""Curation's panels of the dashboard; they read stored reports only."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotate.dashboard import panel
from curation import charts, figures, selectors


@panel("agreement", title=_("Agreement"), order=30, template="curation/panels/agreement.html", wide=True)
def agreement(request: HttpRequest) -> dict[str, Any]:
    """The matrix of the first question that has a report; people, judges and models alike."""
    names = selectors.rater_titles(request.project)
    for question in selectors.questions(request.project):
        report = selectors.latest_agreement(request.project, question.name)
        if report is not None and report.figures["dimensions"]:
            first = report.figures["dimensions"][0]
            page = figures.dimension_page(request.project, question.name, first, "panel", names, request.permissions)
            outdated = report.source != selectors.source_hash(request.project)
            return {"question": question, "report": report, "dimension": page, "outdated": outdated}
    return {}


@panel("consensus", title=_("How sure the consensus is"), order=40, template="curation/panels/consensus.html")
def consensus(request: HttpRequest) -> dict[str, Any]:
    """Histogram of the posterior probability of the winner, and of votes per unit."""
    run = request.project.consensus_runs.first()
    if run is None:
        return {}
    edges = [round(0.25 + 0.05 * step, 2) for step in range(16)]
    counts = [0] * (len(edges) - 1)
    for confidence in run.units.values_list("confidence", flat=True):
        counts[min(max(int((confidence - 0.25) / 0.05), 0), len(counts) - 1)] += 1
    votes = run.units.values_list("n_votes").annotate(Count("pk")).order_by("n_votes")
    return {
        "run": run,
        "confidence": charts.histogram(
            counts,
            edges,
            id="confidence",
            title=gettext("Probability of the winner"),
            note=gettext("%(method)s on %(question)s") % {"method": run.method, "question": run.question},
        ),
        "votes": charts.bars([(str(n), count) for n, count in votes], id="votes", title=gettext("Votes per unit")),
    }


@panel("datasets", title=_("Datasets"), order=50, template="curation/panels/datasets.html")
def datasets(request: HttpRequest) -> dict[str, Any]:
    return {"datasets": request.project.datasets.prefetch_related("versions")[:5]}
