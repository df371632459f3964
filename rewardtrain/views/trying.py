"""Try a model: pasted texts are scored by the scoring server, and the nearest labelled pairs are looked up by a job."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.views import project_page
from rewardtrain import scorer, standings, tasks, trying
from rewardtrain.forms import TryForm
from rewardtrain.models import Run
from rewardtrain.views.runs import project_run, trained_model


@project_page(Permission.VIEW)
def try_model(request: HttpRequest, run_id: int) -> HttpResponse:
    found = project_run(request, run_id)
    model = trained_model(found)
    context: dict[str, Any] = {"run": found, "model": model, "here": "try_model", "most": trying.MOST_RESPONSES}
    if request.method == "GET":
        return render(request, "rewardtrain/try.html", {**context, "form": TryForm(), "fields": ["", ""]})
    form = TryForm(request.POST)
    context |= {"form": form, "fields": fields(request)}
    if "more" not in request.POST and form.is_valid():
        try:
            context |= drawn(trying.tried(model, form.cleaned_data["prompt"], form.cleaned_data["response"]))
        except (scorer.ScorerRefused, scorer.ScorerUnavailable) as error:
            context["away"] = str(error)
    if "more" in request.POST:
        context["form"] = TryForm(initial={"prompt": request.POST.get("prompt", "")})
    return render(request, "rewardtrain/try.html", context)


def drawn(found: dict[str, Any]) -> dict[str, Any]:
    """What was found, with sizes as the style sheet takes them and the matrix line by line."""
    for row in found["responses"]:
        for part in row["parts"]:
            part["size"] = round(100 * abs(part["share"]))
            part["signed"] = f"{part['change']:+.3f}"
    both = zip(found["responses"], found["beats"], strict=True)
    return {"found": found, "rows": [{"number": row["number"], "beats": beats} for row, beats in both]}


def fields(request: HttpRequest) -> list[str]:
    """What stands in the fields of the responses, with another one where it was asked for; two at least."""
    given = request.POST.getlist("response")[: trying.MOST_RESPONSES]
    if "more" in request.POST and len(given) < trying.MOST_RESPONSES:
        given.append("")
    return given + [""] * (2 - len(given))


@project_page(Permission.VIEW)
@require_POST
def nearest(request: HttpRequest, run_id: int) -> HttpResponse:
    """Starts the look-up and shows how it stands."""
    found = project_run(request, run_id)
    model = trained_model(found)
    form = TryForm(request.POST)
    if not form.is_valid():
        return render(request, "rewardtrain/_nearest.html", {"run": found, "wrong": form.errors})
    job = jobs.enqueue(
        tasks.nearest_pairs,
        organisation=request.project.organisation,
        project=request.project,
        user=request.user,
        title=f"Nearest pairs that {found.name} learnt from",
        model=model.pk,
        prompt=form.cleaned_data["prompt"],
        responses=form.cleaned_data["response"],
    )
    return render(request, "rewardtrain/_nearest.html", state(found, job))


@project_page(Permission.VIEW)
def nearest_state(request: HttpRequest, run_id: int, job_id: UUID) -> HttpResponse:
    found = project_run(request, run_id)
    model = trained_model(found)
    job = get_object_or_404(request.project.jobs, pk=job_id, handler="nearest_pairs", params__model=model.pk)
    return render(request, "rewardtrain/_nearest.html", state(found, job))


def state(run: Run, job: Job) -> dict[str, Any]:
    """The pairs that were found, or how the job stands."""
    near = job.result.get("pairs", [])
    texts = standings.texts_of(run.version.path, [row["row_id"] for row in near], split="train") if near else {}
    pairs = [{**row, **texts[row["row_id"]]} for row in near if row["row_id"] in texts]
    for row in pairs:
        row["choice"] = max(("tie", "a", "b"), key=lambda outcome: row[f"p_{outcome}"])
    return {"run": run, "job": job, "pairs": pairs}
