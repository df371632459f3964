"""One model: its dashboard and its card."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotate.access.policy import Permission
from annotate.views import project_page
from rewardtrain import cards, comparing, drawing, rowwise, selectors, standings
from rewardtrain.models import Evaluation, RewardModel
from rewardtrain.views.runs import project_run, shown, trained_model


@project_page(Permission.VIEW)
def dashboard(request: HttpRequest, run_id: int) -> HttpResponse:
    found = project_run(request, run_id)
    model = trained_model(found)
    evaluations = []
    for evaluation in model.evaluations.order_by("pk"):
        own = shown(evaluation)
        own["charts"] = [*own["charts"], *by_rows(evaluation)]
        evaluations.append(own)
    facts = selectors.card_facts(model)
    context = {
        "run": found,
        "model": model,
        "here": "dashboard",
        "evaluations": evaluations,
        "only_own": all(row["own"] for row in facts["evaluations"]),
    }
    return render(request, "rewardtrain/dashboard.html", context)


def by_rows(evaluation: Evaluation) -> list[Any]:
    """What is drawn of single rows, where they were kept."""
    table = standings.rows_of(evaluation)
    if table is None:
        return []
    found = comparing.shared([table])
    if not len(found.winner_N):
        return []
    id = f"evaluation-{evaluation.pk}"
    charts = [drawing.coverage(rowwise.selective(found), id=f"{id}-coverage")]
    if lengths := rowwise.lengths(found):
        charts.append(drawing.length_gaps(lengths, id=f"{id}-lengths"))
    if doubts := rowwise.doubts(found):
        charts.append(drawing.doubts(doubts, id=f"{id}-doubts"))
    return charts


@project_page(Permission.VIEW)
def card(request: HttpRequest, run_id: int) -> HttpResponse:
    found = project_run(request, run_id)
    model = trained_model(found)
    context = {"run": found, "model": model, "here": "model_card", "markdown": text(request, model)}
    return render(request, "rewardtrain/card.html", context)


@project_page(Permission.VIEW)
def download_card(request: HttpRequest, run_id: int) -> HttpResponse:
    model = trained_model(project_run(request, run_id))
    return HttpResponse(
        text(request, model),
        content_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="MODEL_CARD.md"'},
    )


def text(request: HttpRequest, model: RewardModel) -> str:
    """The card with whole addresses."""
    return cards.markdown(selectors.card_facts(model, base=request.build_absolute_uri("/").rstrip("/")))
