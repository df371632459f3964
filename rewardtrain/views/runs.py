"""Runs: the list, a new one or a sweep of them, their curves and figures."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation.downloads import keep_upload
from curation.models import DatasetVersion
from rewardtrain import charts, drawing, selectors, services, standings, tasks
from rewardtrain.forms import EvaluateForm, RunForm
from rewardtrain.models import Evaluation, RewardModel, Run
from rewardtrain.sweeps import MOST as MOST_SWEPT


@project_page(Permission.VIEW)
def runs(request: HttpRequest) -> HttpResponse:
    found = list(selectors.project_runs(request.project))
    sweeps = list(dict.fromkeys(run.sweep for run in found if run.sweep))
    sweep = request.GET.get("sweep", "")
    rows = [{"run": run, "evaluation": selectors.headline(run)} for run in found if not sweep or run.sweep == sweep]
    context = {
        "rows": rows,
        "chart": drawing.comparison(rows),
        "sweeps": sweeps,
        "sweep": sweep if sweep in sweeps else "",
        "most": standings.MOST,
        "first": [row["run"].pk for row in rows[: standings.MOST]],
    }
    return render(request, "rewardtrain/runs.html", context)


@project_page(Permission.MANAGE)
def new_run(request: HttpRequest) -> HttpResponse:
    count = selectors.project_runs(request.project).count()
    newest = DatasetVersion.objects.filter(dataset__project=request.project).order_by("-pk").first()
    initial = {"version": request.GET.get("version") or newest, "name": f"run {count + 1}"}
    form = RunForm(request.POST or None, project=request.project, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        common = {"version": given["version"], "name": given["name"], "user": request.user}
        if given["sweep"]:
            started = services.create_sweep(
                **common, recipes=[(label, recipe.to_dict()) for label, recipe in given["sweep"]]
            )
        else:
            started = [services.create_run(**common, recipe=given["recipe"])]
        for run in started:
            services.start(run=run)
        if given["sweep"]:
            return redirect(f"{reverse('runs', args=[request.project.pk])}?{urlencode({'sweep': given['name']})}")
        return redirect("run", request.project.pk, started[0].pk)
    context = {"form": form, "has_version": form.fields["version"].queryset, "most": MOST_SWEPT}
    return render(request, "rewardtrain/new_run.html", context)


@project_page(Permission.MANAGE)
@require_POST
def count_sweep(request: HttpRequest) -> HttpResponse:
    """How many runs the form would start, or what is wrong with what varies."""
    form = RunForm(request.POST, project=request.project)
    form.is_valid()
    context = {"count": len(form.cleaned_data.get("sweep") or ()), "errors": form.errors.get("vary", [])}
    return render(request, "rewardtrain/_sweep_count.html", {**context, "other": bool(form.errors)})


def project_run(request: HttpRequest, run_id: int) -> Run:
    """A run of this project, or 404."""
    return get_object_or_404(selectors.project_runs(request.project), pk=run_id)


def trained_model(run: Run) -> RewardModel:
    """The model that a run made, or 404."""
    model: RewardModel | None = getattr(run, "model", None)
    if model is None:
        raise Http404("This run has made no model yet.")
    return model


@project_page(Permission.VIEW)
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    found = project_run(request, run_id)
    model = getattr(found, "model", None)
    evaluations = list(model.evaluations.all()) if model else []
    context = {
        "run": found,
        "model": model,
        "here": "run",
        **live_context(found),
        "evaluations": [shown(evaluation) for evaluation in evaluations],
        "evaluate_form": EvaluateForm(),
        "pending": request.project.jobs.filter(
            handler__in=["score_project", "evaluate_reward"], state__in=["queued", "running"]
        ),
        "score_url": request.build_absolute_uri(reverse("api_score")),
    }
    return render(request, "rewardtrain/run.html", context)


def shown(evaluation: Evaluation) -> dict[str, Any]:
    """An evaluation with everything that is drawn of it."""
    drawn = charts.drawn(evaluation.suite, evaluation.figures, id=f"evaluation-{evaluation.pk}")
    return {"row": evaluation, "figures": evaluation.figures, "title": standings.title_of(evaluation.suite), **drawn}


def live_context(run: Run) -> dict[str, Any]:
    """Curves and data of a run, as far as they are written."""
    log = selectors.log(run)
    curves = [
        drawing.curve(log, "loss", title=_("Loss"), id="loss"),
        drawing.curve(log, "accuracy", title=_("Accuracy"), id="accuracy"),
    ]
    return {"curves": [curve for curve in curves if curve], "splits": selectors.data_report(run)}


@project_page(Permission.VIEW)
def live(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part of a run's page that changes while it trains."""
    found = project_run(request, run_id)
    response = render(request, "rewardtrain/_live.html", {"run": found, **live_context(found)})
    if found.job is None or not found.job.is_live:
        response.headers["HX-Refresh"] = "true"
    return response


@project_page(Permission.MANAGE)
@require_POST
def resume(request: HttpRequest, run_id: int) -> HttpResponse:
    found = project_run(request, run_id)
    services.start(run=found)
    return redirect("run", request.project.pk, found.pk)


@project_page(Permission.MANAGE)
@require_POST
def score(request: HttpRequest, run_id: int) -> HttpResponse:
    found = project_run(request, run_id)
    jobs.enqueue(
        tasks.score_project,
        organisation=request.project.organisation,
        project=request.project,
        user=request.user,
        title=f"{found.name} answers the tasks",
        model=trained_model(found).pk,
    )
    messages.success(request, _("The model answers the project's tasks now; then compute the agreement again."))
    return redirect("run", request.project.pk, found.pk)


@project_page(Permission.MANAGE)
@require_POST
def evaluate(request: HttpRequest, run_id: int) -> HttpResponse:
    found = project_run(request, run_id)
    model = trained_model(found)
    form = EvaluateForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose a pair file and a suite."))
        return redirect("run", request.project.pk, found.pk)
    jobs.enqueue(
        tasks.evaluate_reward,
        organisation=request.project.organisation,
        project=request.project,
        user=request.user,
        title=f"Evaluate {found.name} on {Path(form.cleaned_data['file'].name).name}",
        model=model.pk,
        suite=form.cleaned_data["suite"],
        data=keep_upload(form.cleaned_data["file"]),
        name=Path(form.cleaned_data["file"].name).name,
    )
    return redirect("run", request.project.pk, found.pk)
