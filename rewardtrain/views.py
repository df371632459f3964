"""Pages of the reward lab: runs, their curves, their models and figures."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation.downloads import keep_upload
from rewardtrain import charts, selectors, services, tasks
from rewardtrain.forms import EvaluateForm, RunForm
from rewardtrain.models import Evaluation, RewardModel, Run

SUBSETS = 12  # shown of an evaluation; there may be one for each prompt


@project_page(Permission.VIEW)
def runs(request: HttpRequest) -> HttpResponse:
    rows = [{"run": run, "evaluation": selectors.headline(run)} for run in selectors.project_runs(request.project)]
    return render(request, "rewardtrain/runs.html", {"rows": rows, "chart": charts.comparison(rows)})


@project_page(Permission.MANAGE)
def new_run(request: HttpRequest) -> HttpResponse:
    count = selectors.project_runs(request.project).count()
    initial = {"version": request.GET.get("version"), "name": f"run {count + 1}"}
    form = RunForm(request.POST or None, project=request.project, initial=initial)
    if request.method == "POST" and form.is_valid():
        run = services.create_run(
            version=form.cleaned_data["version"],
            name=form.cleaned_data["name"],
            recipe=form.cleaned_data["recipe"],
            user=request.user,
        )
        services.start(run=run)
        return redirect("run", request.project.pk, run.pk)
    return render(request, "rewardtrain/new_run.html", {"form": form, "has_version": form.fields["version"].queryset})


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
        **live_context(found),
        "evaluations": [evaluation_page(evaluation) for evaluation in evaluations],
        "evaluate_form": EvaluateForm(),
        "pending": request.project.jobs.filter(
            handler__in=["score_project", "evaluate_reward"], state__in=["queued", "running"]
        ),
        "score_url": request.build_absolute_uri(reverse("api_score")),
    }
    return render(request, "rewardtrain/run.html", context)


def live_context(run: Run) -> dict[str, Any]:
    """Curves and data of a run, as far as they are written."""
    log = selectors.log(run)
    curves = [
        charts.curve(log, "loss", title="Loss", id="loss"),
        charts.curve(log, "accuracy", title="Accuracy", id="accuracy"),
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


def evaluation_page(evaluation: Evaluation) -> dict[str, Any]:
    """An evaluation with its charts; suites without the pairs suite's blocks show their headline alone."""
    figures = evaluation.figures
    found: dict[str, Any] = {"row": evaluation, "figures": figures, "charts": []}
    rows = [("this model", figures["accuracy"])] if "accuracy" in figures else []
    rows += [
        (f"{name} wins" if name == "longer" else name, block) for name, block in figures.get("baselines", {}).items()
    ]
    if rows:
        found["charts"].append(
            charts.accuracies(rows, id=f"baselines-{evaluation.pk}", title="Beside the trivial baselines")
        )
    block = figures.get("against", {}).get(figures.get("headline"), {})
    found["block"] = block
    if block.get("calibration"):
        found["charts"].append(charts.reliability(block["calibration"], id=f"reliability-{evaluation.pk}"))
    if figures.get("margins"):
        found["charts"].append(charts.margins(figures["margins"], id=f"margins-{evaluation.pk}"))
    subsets = block.get("subsets") or figures.get("subsets")
    if isinstance(subsets, list) and len(subsets) > 1:
        largest = sorted(subsets, key=lambda row: -row["n"])[:SUBSETS]
        note = f"The {SUBSETS} with most pairs, of {len(subsets)}." if len(subsets) > SUBSETS else ""
        named = [(row["name"], row) for row in largest]
        found["charts"].append(charts.accuracies(named, id=f"subsets-{evaluation.pk}", title="By subset", note=note))
    return found


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
    messages.success(request, "The model answers the project's tasks now; then compute the agreement again.")
    return redirect("run", request.project.pk, found.pk)


@project_page(Permission.MANAGE)
@require_POST
def evaluate(request: HttpRequest, run_id: int) -> HttpResponse:
    found = project_run(request, run_id)
    model = trained_model(found)
    form = EvaluateForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "Choose a pair file and a suite.")
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
