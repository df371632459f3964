"""Prompts and skills of judges: trials on what people decided, and the skills that were kept."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.views import project_page
from curation import selectors
from curation.forms import TrialForm
from curation.judging import endpoints, library
from curation.judging import trials as trying
from curation.models import Judge, JudgingSkill, Trial

SHOWN = 50


@project_page(Permission.VIEW)
def trials(request: HttpRequest) -> HttpResponse:
    """All trials of the project, the skills that were kept, and the form that starts a trial."""
    return _page(request, _form(request))


@project_page(Permission.MANAGE)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    form = _form(request, request.POST)
    if form.is_valid():
        values = dict(form.cleaned_data)
        judge = Judge.objects.get(organisation=request.project.organisation, pk=values.pop("judge"))
        try:
            trial = trying.start(judge=judge, project=request.project, user=request.user, **values)
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                form.add_error(field if field in form.fields else None, messages)
        else:
            return redirect("trial", request.project.pk, trial.pk)
    return _page(request, form)


def _form(request: HttpRequest, data: Any = None) -> TrialForm:
    judges = Judge.objects.filter(organisation=request.project.organisation).exclude(prompt="")
    try:
        servers = list(endpoints.servers().of(request.project.organisation))
    except endpoints.ServersError:
        servers = []
    questions = [row for row in selectors.questions(request.project) if row.kind == "pairwise"]
    return TrialForm(
        data,
        judges=[(judge.pk, str(judge)) for judge in judges[:200]],
        endpoints=servers,
        questions=[(row.name, row.title) for row in questions],
    )


def _page(request: HttpRequest, form: TrialForm) -> HttpResponse:
    found = request.project.judge_trials.select_related("judge", "best", "run__job")
    skills = JudgingSkill.objects.filter(trial__project=request.project).select_related("judge", "trial")
    context = {"trials": found[:SHOWN], "skills": skills, "form": form, "can_start": bool(form.fields["judge"].choices)}
    return render(request, "curation/trials.html", context)


@project_page(Permission.VIEW)
def trial(request: HttpRequest, trial_id: int) -> HttpResponse:
    """One trial: its rounds, and what the held-out cases say."""
    rows = request.project.judge_trials.select_related("judge", "best", "run__job", "run__judge")
    found = get_object_or_404(rows, pk=trial_id)
    figures = found.figures
    held_out = figures.get("held_out" if found.what == Trial.What.PROMPT else "last")
    context = {
        "trial": found,
        "figures": figures,
        "held_out": held_out,
        "rounds": figures.get("rounds") or figures.get("tries") or [],
        "skills": found.skills.all(),
        "job": found.run.job,
    }
    return render(request, "curation/trial.html", context)


@project_page(Permission.MANAGE)
@require_POST
def switch_skill(request: HttpRequest, skill_id: int) -> HttpResponse:
    skill = get_object_or_404(JudgingSkill, pk=skill_id, trial__project=request.project)
    library.switch(skill=skill, on=request.POST.get("on") == "1")
    return redirect("trials", request.project.pk)
