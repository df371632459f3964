"""The budget planner: what a promise leaves to people, and the order in which they are asked."""

from textwrap import indent
from typing import Any
from urllib.parse import urlencode

import yaml
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.models import Rater
from annotate.views import project_page
from curation import selectors, tasks
from curation.forms import PromiseForm, StudyForm
from curation.judging import charts, planning
from curation.judging.standing import MODELS
from curation.models import CascadeStudy
from curation.views.asked import question_and_dimension


@project_page(Permission.VIEW)
def budget_planner(request: HttpRequest) -> HttpResponse:
    question, dimensions, dimension = question_and_dimension(request)
    study = planning.latest(request.project, question.name, dimension) if question else None
    initial = {"people_cost": study.people_cost, "delta": study.delta} if study else None
    context = {
        "questions": selectors.questions(request.project, pairwise=True),
        "question": question,
        "dimensions": dimensions,
        "dimension": dimension,
        "study": study,
        "outdated": study is not None and study.source != selectors.source_hash(request.project),
        "form": StudyForm(initial=initial, judges=_judges(request)),
        "jobs": request.project.jobs.filter(handler="cascade", state__in=["queued", "running"]),
    }
    return render(request, "curation/budget_planner.html", context | (_planned(request, study) if study else {}))


def _planned(request: HttpRequest, study: CascadeStudy) -> dict[str, Any]:
    """The plan that the address asks for; what it does not say, or says wrongly, is as at first."""
    form = PromiseForm(request.GET)
    form.full_clean()
    promise, budget = (form.cleaned_data.get(name, form.fields[name].initial) for name in ("promise", "budget"))
    plan = planning.plan_of(study, promise)
    names = selectors.rater_titles(request.project)
    titles = [names.get(name, name) for name in study.judges]
    parts = zip(titles, study.figures["judges"], plan["thresholds"], plan["shares"], plan["asked"], strict=False)
    url = reverse("budget_planner", args=[request.project.pk])
    base = {"question": study.question, "dimension": study.dimension, "budget": budget}

    def link(**more: Any) -> str:
        return f"{url}?{urlencode({**base, **more})}"

    pairs, stage = study.figures["pairs"], planning.stage_of(study, promise)
    return {
        "promise": plan["promise"],
        "wrong": [
            message for field in ("promise", "budget") if field in request.GET for message in form.errors.get(field, [])
        ],
        "budget": budget,
        "plan": plan,
        "rows": [
            {
                "title": title,
                "cost": judge["cost"],
                "threshold": threshold,
                "share": share,
                "asked": round(asked * pairs),
            }
            for title, judge, threshold, share, asked in parts
        ],
        "people_share": plan["shares"][-1],
        "judged": 1 - plan["shares"][-1],
        "money": plan["cost"] * pairs,
        "money_people": study.people_cost * pairs,
        "stage": indent(yaml.safe_dump([stage], sort_keys=False, allow_unicode=True), "  ") if stage else "",
        "short": max(0, plan["to_ask"] - budget),
        "promises": (planning.PROMISES[0], planning.PROMISES[-1]),
        "chart": charts.promises(study.figures["plans"], plan["promise"], titles, link),
    }


def _judges(request: HttpRequest) -> list[tuple[str, str]]:
    """Models that have answered in this project."""
    answered = Rater.objects.filter(kind__in=MODELS, annotations__task__project=request.project).distinct()
    return [(rater.name, rater.title) for rater in answered.select_related("user").order_by("name")[:100]]


@project_page(Permission.MANAGE)
@require_POST
def study(request: HttpRequest) -> HttpResponse:
    question, _dimensions, dimension = question_and_dimension(request)
    if question is None:
        raise Http404("No question of this project compares responses.")
    back = f"{reverse('budget_planner', args=[request.project.pk])}?"
    back += urlencode({"question": question.name, "dimension": dimension})
    form = StudyForm(request.POST, judges=_judges(request))
    if not form.is_valid():
        for field, errors in form.errors.items():
            messages.error(request, f"{form.fields[field].label}: {' '.join(errors)}")
        return redirect(back)
    jobs.enqueue(
        tasks.cascade,
        organisation=request.project.organisation,
        project=request.project,
        user=request.user,
        title=f"Cascade on {question.name} {dimension}".strip(),
        question=question.name,
        dimension=dimension,
        **form.cleaned_data,
    )
    return redirect(back)


@project_page(Permission.MANAGE)
@require_POST
def apply(request: HttpRequest, study_id: int) -> HttpResponse:
    """Put the tasks that a plan leaves to people first in the queue."""
    found = get_object_or_404(request.project.cascade_studies, pk=study_id)
    form = PromiseForm(request.POST)
    base = {"question": found.question, "dimension": found.dimension}
    if not form.is_valid():
        messages.error(request, _("Choose a promised agreement and how many answers people can give."))
    else:
        base |= form.cleaned_data
        try:
            first = planning.apply(found=found, by=request.user, **form.cleaned_data)
            messages.success(request, _("%(tasks)s tasks now come first in the queue.") % {"tasks": f"{first:,}"})
        except FileNotFoundError:
            messages.error(request, _("The study's pairs are gone. Study the cascade again, then make the plan."))
    return redirect(f"{reverse('budget_planner', args=[request.project.pk])}?{urlencode(base)}")
