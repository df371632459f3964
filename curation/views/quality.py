"""The data-quality page: every plot of `curation.quality`, and the pairs behind any part of one."""

from typing import Any
from urllib.parse import urlencode

import pyarrow.parquet as pq
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.discovery import UnknownPlugin
from annotate.feedback import OVERALL
from annotate.jobs import services as jobs
from annotate.models import Item, Task
from annotate.views import project_page
from annotate.workbench import excerpt
from curation import candidates, evidence, pairs, selectors, tasks
from curation import quality as plots
from curation.models import QualityReport

PAGE = 50


@project_page(Permission.VIEW)
def quality(request: HttpRequest) -> HttpResponse:
    question, dimensions, dimension = _wanted(request)
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
    figures = report.figures.get(name) or {"nothing": "Compute the figures again to see this plot."}
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
    question, _, dimension = _wanted(request)
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
    question, _, dimension = _wanted(request)
    cell = request.GET.get("cell", "")
    report = selectors.latest_quality(request.project, question.name, dimension) if question else None
    found: list[dict[str, Any]] = []
    if report is not None and report.path.is_file():
        wanted = [("plot", "==", plot), ("cell", "==", cell)]
        found = pq.read_table(report.path, filters=wanted).to_pylist()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "plot": module,
        "cell": cell.replace("|", " · "),
        "question": question,
        "dimension": dimension,
        "page": page,
        "rows": _shown(request, list(page)),
    }
    return render(request, "curation/quality_rows.html", context)


def _shown(request: HttpRequest, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pairs with their texts, their label and the task that asks about them."""
    names = {row["item"] for row in found}
    items = Item.objects.filter(project=request.project, external_id__in=names).prefetch_related("responses")
    by_name = {item.external_id: item for item in items}
    tasks_of: dict[int, list[Task]] = {}
    for task in Task.objects.filter(item__in=by_name.values()).order_by("pk"):
        tasks_of.setdefault(task.item_id, []).append(task)
    shown = []
    for row in found:
        item = by_name.get(row["item"])
        if item is None:
            continue
        texts = {response.key: response.text for response in item.responses.all()}
        keys = {row["key_a"], row["key_b"]}
        likeliest = max(pairs.OUTCOMES, key=lambda outcome: row[f"p_{outcome}"])
        shown.append(
            {
                "item": item,
                "task": next((task for task in tasks_of.get(item.pk, []) if keys <= set(task.responses)), None),
                "excerpt": excerpt(item.prompt),
                "a": texts.get(row["key_a"], ""),
                "b": texts.get(row["key_b"], ""),
                "label": likeliest.replace("_", " "),
                "probability": row[f"p_{likeliest}"],
            }
        )
    return shown


def _wanted(request: HttpRequest) -> tuple[Any, list[str], str]:
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
