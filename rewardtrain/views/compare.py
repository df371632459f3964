"""Runs side by side, and the leaderboard of all models."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.access.policy import Permission
from annotate.views import project_page
from rewardtrain import drawing, selectors, standings
from rewardtrain.models import Run
from rewardtrain.standings import MOST, Side

PAGE = 20
SHOW = {
    "": gettext_lazy("All"),
    "first": gettext_lazy("Only %(first)s right"),
    "second": gettext_lazy("Only %(second)s right"),
    "neither": gettext_lazy("Both wrong"),
    "both": gettext_lazy("Both right"),
}
SORT = {
    "apart": gettext_lazy("where they differ most"),
    "first": gettext_lazy("where %(first)s is most wrong"),
    "second": gettext_lazy("where %(second)s is most wrong"),
}


@project_page(Permission.VIEW)
def compare(request: HttpRequest) -> HttpResponse:
    runs = asked(request)
    if len(runs) < 2:
        every = selectors.project_runs(request.project)
        return render(request, "rewardtrain/compare.html", {"runs": runs, "every": every, "most": MOST})
    found = standings.comparison(runs)
    sides = standings.sides(runs)
    context: dict[str, Any] = {
        "runs": runs,
        "found": found,
        "rows": table(found),
        "curves": curves(runs),
        "reference": next((row["name"] for row in found["runs"] if row["id"] in paired_ids(found)), ""),
    }
    with_rows = [side for side in sides if side.has_rows]
    if len(with_rows) > 1 and found["paired"]["rows"]:
        context |= two(request, found, with_rows)
    return render(request, "rewardtrain/compare.html", context)


def asked(request: HttpRequest) -> list[Run]:
    """The runs of ``?run=``, in that order, at most `MOST`; those of other projects are left out."""
    wanted = list(dict.fromkeys(int(pk) for pk in request.GET.getlist("run") if pk.isdecimal()))[:MOST]
    by_pk = {run.pk: run for run in selectors.project_runs(request.project).filter(pk__in=wanted)}
    return [by_pk[pk] for pk in wanted if pk in by_pk]


def paired_ids(found: dict[str, Any]) -> list[int]:
    return found["paired"]["runs"] if found["paired"] else []


def table(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Each run with its figures and what it is better by than the first that was compared row by row."""
    ids = paired_ids(found)
    rows = []
    for row in found["runs"]:
        place = ids.index(row["id"]) if row["id"] in ids else None
        shared = found["paired"] and found["paired"]["rows"]
        known = place is not None and shared
        rows.append(
            {
                **row,
                "paired": found["paired"]["models"][place] if known else None,
                "difference": found["paired"]["differences"][place][0] if known else None,
                "is_reference": place == 0,
            }
        )
    return rows


def curves(runs: list[Run]) -> list[Any]:
    names = unique_names(runs)
    logs = {names[run.pk]: selectors.log(run) for run in runs}
    made = [
        drawing.overlaid(logs, "eval", "loss", title=_("Validation loss"), id="eval-loss"),
        drawing.overlaid(logs, "eval", "accuracy", title=_("Validation accuracy"), id="eval-accuracy"),
        drawing.overlaid(logs, "train", "loss", title=_("Training loss"), id="train-loss"),
    ]
    return [chart for chart in made if chart]


def unique_names(runs: list[Run]) -> dict[int, str]:
    """What to call each run; two of one name are told apart by their number."""
    names = [run.name for run in runs]
    return {run.pk: run.name if names.count(run.name) == 1 else f"{run.name} ({run.pk})" for run in runs}


def two(request: HttpRequest, found: dict[str, Any], sides: list[Side]) -> dict[str, Any]:
    """Two of the runs against each other: who is right where, and the pairs themselves."""
    ids = [side.run.pk for side in sides]
    names = unique_names([side.run for side in sides])
    first = _place(ids, request.GET.get("a"), 0)
    second = _place(ids, request.GET.get("b"), 1 if first == 0 else 0)
    if first == second:
        second = 0 if first else 1
    a, b = sides[first], sides[second]
    show, sort = request.GET.get("show", ""), request.GET.get("sort", "apart")
    show, sort = show if show in SHOW else "", sort if sort in SORT else "apart"
    called = {"first": names[a.run.pk], "second": names[b.run.pk]}
    cases = standings.Cases(a, b, show=show, sort=sort)
    return {
        "choices": [(pk, names[pk]) for pk in ids],
        "a": a.run,
        "b": b.run,
        "called": called,
        "confusion": found["paired"]["confusion"][first][second],
        "difference": found["paired"]["differences"][first][second],
        "show": show,
        "sort": sort,
        "shows": [(key, text % called) for key, text in SHOW.items()],
        "sorts": [(key, text % called) for key, text in SORT.items()],
        "page": Paginator(cases, PAGE).get_page(request.GET.get("page")),  # type: ignore[arg-type]
    }


def _place(ids: list[int], given: str | None, default: int) -> int:
    return ids.index(int(given)) if given and given.isdecimal() and int(given) in ids else default


@project_page(Permission.VIEW)
def leaderboard(request: HttpRequest) -> HttpResponse:
    found = standings.leaderboard(request.project)
    sort = request.GET.get("sort", "-0")
    key, down = sort.removeprefix("-"), sort.startswith("-")
    if key == "name":
        found["rows"].sort(key=lambda row: row["model"].run.name.lower(), reverse=down)
    else:
        place = int(key) if key.isdecimal() and int(key) < len(found["columns"]) else 0
        found["rows"].sort(key=lambda row: _by(row["cells"], place, down))
    return render(request, "rewardtrain/leaderboard.html", found)


def _by(cells: list[Any], place: int, down: bool) -> tuple[bool, float]:
    """The order of a row by a column; those that were not measured come last either way."""
    cell = cells[place] if place < len(cells) else None
    return (cell is None, 0.0 if cell is None else -cell["value"] if down else cell["value"])
