"""The judge lab: judges beside people, with the pairs behind every figure."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation import selectors, tasks
from curation.forms import CasesForm
from curation.judging import charts, lab
from curation.models import StandingReport
from curation.views.asked import question_and_dimension
from curation.views.behind import with_texts

PAGE = 50


@project_page(Permission.VIEW)
def judge_lab(request: HttpRequest) -> HttpResponse:
    question, _, dimension = question_and_dimension(request)
    report = lab.latest(request.project, question.name) if question else None
    found = _dimension(report, dimension)
    context = {
        "questions": selectors.questions(request.project, pairwise=True),
        "question": question,
        "dimensions": [row["dimension"] for row in report.figures["dimensions"]] if report else [],
        "dimension": dimension,
        "report": report,
        "outdated": report is not None and report.source != selectors.source_hash(request.project),
        "found": found,
        "jobs": request.project.jobs.filter(handler="judge_lab", state__in=["queued", "running"]),
    }
    if report and found:
        context |= _shown(request, report, found)
    return render(request, "curation/judge_lab.html", context)


def _dimension(report: StandingReport | None, dimension: str) -> dict[str, Any] | None:
    rows = report.figures["dimensions"] if report else []
    return next((row for row in rows if row["dimension"] == dimension), None)


def _shown(request: HttpRequest, report: StandingReport, found: dict[str, Any]) -> dict[str, Any]:
    """Names, rows and charts; only those who review get the links to single answers."""
    names = selectors.rater_titles(request.project)
    url = reverse("judge_lab_cases", args=[request.project.pk])
    base = {"question": report.question, "dimension": found["dimension"]}

    def link(**more: Any) -> str:
        return f"{url}?{urlencode({**base, **more})}"

    reviews = Permission.REVIEW in request.permissions
    judges = [
        {**row, "title": names.get(row["rater"], row["rater"]), "url": link(judge=row["rater"])}
        for row in found["judges"]
    ]
    wanted = request.GET.get("judge", "")
    judge = next((row for row in judges if row["rater"] == wanted), judges[0])
    linked = link if reviews else None
    made = [
        charts.by_dimension(report.figures["dimensions"], names, linked)
        if len(report.figures["dimensions"]) > 1
        else None,
        charts.reliability(judges, names, linked),
        charts.lengths(judge, judge["title"], linked),
        charts.costs(judges, found["people"], names, linked),
    ]
    return {"judges": judges, "judge": judge, "reviews": reviews, "charts": [chart for chart in made if chart]}


@project_page(Permission.MANAGE)
@require_POST
def compute(request: HttpRequest) -> HttpResponse:
    question, _, dimension = question_and_dimension(request)
    if question is None:
        raise Http404("No question of this project compares responses.")
    jobs.enqueue(
        tasks.judge_lab,
        organisation=request.project.organisation,
        project=request.project,
        user=request.user,
        title=f"Judges beside people on {question.name}",
        question=question.name,
    )
    query = urlencode({"question": question.name, "dimension": dimension})
    return redirect(f"{reverse('judge_lab', args=[request.project.pk])}?{query}")


@project_page(Permission.REVIEW)
def cases(request: HttpRequest) -> HttpResponse:
    """The pairs behind a figure of the lab, each a link to its task."""
    question, _, dimension = question_and_dimension(request)
    report = lab.latest(request.project, question.name) if question else None
    found = _dimension(report, dimension)
    names = selectors.rater_titles(request.project)
    judges = [(row["rater"], names.get(row["rater"], row["rater"])) for row in found["judges"]] if found else []
    form = CasesForm(request.GET, judges=judges)
    rows = lab.cases(report, dimension, **form.cleaned_data) if report is not None and form.is_valid() else []
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = with_texts(request.project, list(page))
    context = {"question": question, "dimension": dimension, "form": form, "page": page, "rows": shown}
    return render(request, "curation/judge_lab_cases.html", context)
