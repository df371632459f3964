"""Noise review: one pair at a time, everything by keyboard. The page, its fragments, and what its script posts."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from annotate.access.policy import Permission
from annotate.models import Question, Rater
from annotate.services import person_rater
from annotate.views import project_page
from annotate.views.shell import takes_json
from curation.asking import reviewing
from curation.models import Selection, SelectionEntry
from curation.views.selections import project_selection


@project_page(Permission.REVIEW)
def review(request: HttpRequest, selection_id: int) -> HttpResponse:
    found = project_selection(request, selection_id)
    question = reviewing.question_of(request.project, found.question)
    wanted = _wanted(request)
    context: dict[str, Any] = {
        "selection": found,
        "question": question,
        "wanted": wanted,
        "is_filtered": any(wanted.values()),
        "tells_label": _tells_label(request),
        "choices": reviewing.choices(found),
        "base_url": reverse("review", args=[request.project.pk, found.pk]),
        "query": _query(request),
    }
    if question is not None:
        rater, listed = _rater(request), reviewing.entries(found, **wanted)
        first = _next(listed, found, rater, beside=())
        context |= {
            "pair": _shown(request, first, question, rater) if first else None,
            "steps": reviewing.steps(question),
            "progress": reviewing.progress(listed, found, rater),
        }
    return render(request, "curation/review.html", context)


@project_page(Permission.REVIEW)
def next_pair(request: HttpRequest, selection_id: int) -> HttpResponse:
    """The next pair as a fragment, 204 where there is none; ``after``: pairs that the page has already."""
    found, question, rater = _at_hand(request, selection_id)
    beside = [int(value) for value in request.GET.getlist("after") if value.isdecimal() and len(value) < 16]
    entry = _next(reviewing.entries(found, **_wanted(request)), found, rater, beside=beside)
    if entry is None:
        return HttpResponse(status=204)
    return render(request, "curation/_review_pair.html", {"pair": _shown(request, entry, question, rater)})


@project_page(Permission.REVIEW)
def pair(request: HttpRequest, selection_id: int, entry_id: int) -> HttpResponse:
    """One pair as a fragment, with this person's answer where they gave one."""
    found, question, rater = _at_hand(request, selection_id)
    entry = _entry(found, entry_id)
    return render(request, "curation/_review_pair.html", {"pair": _shown(request, entry, question, rater)})


@project_page(Permission.REVIEW)
@takes_json
def answer(request: HttpRequest, body: dict[str, Any], selection_id: int, entry_id: int) -> HttpResponse:
    found, question, rater = _at_hand(request, selection_id)
    seconds = body.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | None):
        raise ValidationError("seconds is a number.")
    try:
        submission = UUID(str(body.get("submission")))
    except ValueError as error:
        raise ValidationError("submission is a UUID.") from error
    entry = _entry(found, entry_id)
    said = reviewing.answer(
        entry, question, rater, choice=str(body.get("choice")), submission=submission, seconds=seconds
    )
    listed = reviewing.entries(found, **_wanted(request))
    return JsonResponse({"ok": True, **said, "progress": reviewing.progress(listed, found, rater)})


@project_page(Permission.REVIEW)
@takes_json
def skip(request: HttpRequest, body: dict[str, Any], selection_id: int, entry_id: int) -> HttpResponse:
    found, _, rater = _at_hand(request, selection_id)
    reviewing.pass_over(_entry(found, entry_id), rater)
    listed = reviewing.entries(found, **_wanted(request))
    return JsonResponse({"ok": True, "progress": reviewing.progress(listed, found, rater)})


def _at_hand(request: HttpRequest, selection_id: int) -> tuple[Selection, Question, Rater]:
    found = project_selection(request, selection_id)
    question = reviewing.question_of(request.project, found.question)
    if question is None:
        raise Http404("One key cannot answer this form.")
    return found, question, _rater(request)


def _rater(request: HttpRequest) -> Rater:
    return person_rater(organisation=request.project.organisation, user=request.user)


def _entry(found: Selection, entry_id: int) -> SelectionEntry:
    rows = found.entries.select_related("task__item", "task__project__organisation", "selection")
    return get_object_or_404(rows, pk=entry_id)


def _next(listed: Any, found: Selection, rater: Rater, *, beside: Any) -> SelectionEntry | None:
    rows = reviewing.left(listed, found, rater).exclude(pk__in=beside)
    return rows.select_related("task__item", "task__project__organisation", "selection").first()


def _shown(request: HttpRequest, entry: SelectionEntry, question: Question, rater: Rater) -> dict[str, Any]:
    return reviewing.shown(entry, question, rater, tells_label=_tells_label(request))


def _wanted(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "")[:80] for name in reviewing.FILTERS}


def _tells_label(request: HttpRequest) -> bool:
    """Whether the label stands on the page before the answer; it sways people, so it does not unless asked for."""
    return request.GET.get("label") == "shown"


def _query(request: HttpRequest) -> str:
    """What the script puts behind its addresses, so that fragments keep the page's filters."""
    kept = {name: value for name, value in _wanted(request).items() if value}
    return urlencode(kept | ({"label": "shown"} if _tells_label(request) else {}))
