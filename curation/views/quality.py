"""The data-quality page: every plot of `curation.quality`, and the pairs behind any part of one."""

from typing import Any
from urllib.parse import urlencode

import pyarrow.parquet as pq
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.discovery import UnknownPlugin
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation import evidence, pairs, selectors, tasks
from curation import quality as plots
from curation.models import QualityReport
from curation.views.asked import question_and_dimension
from curation.views.behind import with_texts

PAGE = 50


@project_page(Permission.VIEW)
def quality(request: HttpRequest) -> HttpResponse:
    question, dimensions, dimension = question_and_dimension(request)
    report = selectors.latest_quality(request.project, question.name, dimension) if question else None
    return render(
        request,
        "curation/quality.html",
        {
            "questions": selectors.questions(request.project, pairwise=True),
            "question": question,
            "dimensions": dimensions,
            "dimension": dimension,
            "report": report,
            "outdated": report is not None and report.source != evidence.source_hash(request.project),
            "plots": [_plot(request, report, name) for name in plots.names()] if report else [],
            "jobs": request.project.jobs.filter(handler="quality", state__in=["queued", "running"]),
        },
    )


def _plot(request: HttpRequest, report: QualityReport, name: str) -> dict[str, Any]:
    """One plot of a report for the page; a plot that is newer than the report waits for the next one."""
    module = plots.get(name)
    figures = report.figures.get(name) or {"nothing": _("Compute the figures again to see this plot.")}
    if "nothing" in figures:
        return {"title": module.TITLE, "nothing": figures["nothing"]}
    url = reverse("quality_rows", args=[request.project.pk, name])

    def link(cell: str) -> str:
        return f"{url}?{urlencode({'question': report.question, 'dimension': report.dimension, 'cell': cell})}"

    # Those who do not review see no single answers.
    chart = module.chart(figures, link if Permission.REVIEW in request.permissions else None, f"plot-{name}")
    return {"title": module.TITLE, "chart": chart}


@project_page(Permission.MANAGE)
@require_POST
def compute(request: HttpRequest) -> HttpResponse:
    question, _, dimension = question_and_dimension(request)
    if question is None:
        raise Http404("No question of this project compares responses.")
    jobs.enqueue(
        tasks.quality,
        organisation=request.project.organisation,
        project=request.project,
        user=request.user,
        title=f"Data quality of {question.name} {dimension}".strip(),
        question=question.name,
        dimension=dimension,
    )
    query = urlencode({"question": question.name, "dimension": dimension})
    return redirect(f"{reverse('quality', args=[request.project.pk])}?{query}")


@project_page(Permission.REVIEW)
def rows(request: HttpRequest, plot: str) -> HttpResponse:
    """The pairs behind one part of one plot, each a link to its task."""
    try:
        module = plots.get(plot)
    except UnknownPlugin as error:
        raise Http404(str(error)) from error
    question, _, dimension = question_and_dimension(request)
    cell = request.GET.get("cell", "")
    report = selectors.latest_quality(request.project, question.name, dimension) if question else None
    found: list[dict[str, Any]] = []
    if report is not None and report.path.is_file():
        wanted = [("plot", "==", plot), ("cell", "==", cell)]
        found = pq.read_table(report.path, filters=wanted).to_pylist()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "plot": module,
        "cell": module.words(report.figures[plot], cell) if found else "",
        "question": question,
        "dimension": dimension,
        "page": page,
        "rows": _shown(request, list(page)),
    }
    return render(request, "curation/quality_rows.html", context)


def _shown(request: HttpRequest, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pairs with their texts, their label and the task that asks about them."""
    shown = []
    for row in with_texts(request.project, found):
        likeliest = max(pairs.OUTCOMES, key=lambda outcome: row[f"p_{outcome}"])
        shown.append({**row, "label": likeliest.replace("_", " "), "probability": row[f"p_{likeliest}"]})
    return shown
