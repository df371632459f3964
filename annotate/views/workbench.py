"""The annotator's page and the requests that its script makes; what it may show is `annotate.workbench`'s to say."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from annotate import queue, services
from annotate import workbench as rater_side
from annotate.access.policy import Permission
from annotate.models import Rater, Task
from annotate.views.shell import project_page, takes_json

# Kept in English, whatever language the rater read them in.
SKIP_REASONS = (
    gettext_noop("I do not know enough about this"),
    gettext_noop("I cannot decide"),
    gettext_noop("It is offensive or upsetting"),
    gettext_noop("Something else"),
)
FLAG_REASONS = (
    gettext_noop("A response is broken or cut off"),
    gettext_noop("The prompt makes no sense"),
    gettext_noop("It should not be shown"),
    gettext_noop("Something else"),
)

Action = Callable[[Task, Rater, dict[str, Any]], dict[str, Any]]


@project_page(Permission.LABEL)
def workbench(request: HttpRequest) -> HttpResponse:
    rater = _rater(request)
    lease = queue.lease_next(project=request.project, rater=rater)
    return render(
        request,
        "annotate/workbench.html",
        {
            "base_url": reverse("workbench", args=[request.project.pk]),
            "task": rater_side.view_of(lease) if lease else None,
            "progress": rater_side.progress(request.project, rater),
            "skip_reasons": SKIP_REASONS,
            "flag_reasons": FLAG_REASONS,
        },
    )


@project_page(Permission.LABEL)
def next_task(request: HttpRequest) -> HttpResponse:
    """The next task as a fragment, 204 where there is none; ``after``: tasks that are on the screen already."""
    beside = [int(value) for value in request.GET.getlist("after") if value.isdecimal()]
    lease = queue.lease_next(project=request.project, rater=_rater(request), beside=beside)
    if lease is None:
        return HttpResponse(status=204)
    return render(request, "annotate/_task.html", {"task": rater_side.view_of(lease)})


@project_page(Permission.LABEL)
def own_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task that this rater was given, with their answer if there is one."""
    asked = queue.asked_of(task=_task(request, task_id), rater=_rater(request))
    return render(request, "annotate/_task.html", {"task": rater_side.view_of(asked)})


@project_page(Permission.LABEL)
def history(request: HttpRequest) -> HttpResponse:
    return render(request, "annotate/_history.html", {"answers": rater_side.history(request.project, _rater(request))})


def task_action(action: Action) -> Callable[..., HttpResponse]:
    """A POST of JSON about one task, by a rater who was given it: ``action(task, rater, body)`` gives the reply."""

    @project_page(Permission.LABEL)
    @takes_json
    @wraps(action)
    def view(request: HttpRequest, body: dict[str, Any], task_id: int) -> HttpResponse:
        return JsonResponse({"ok": True, **action(_task(request, task_id), _rater(request), body)})

    return view


@task_action
def submit(task: Task, rater: Rater, body: dict[str, Any]) -> dict[str, Any]:
    seconds = body.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | None):
        raise ValidationError("seconds is a number.")
    try:
        submission = UUID(str(body.get("submission")))
    except ValueError as error:
        raise ValidationError("submission is a UUID.") from error
    annotation = queue.submit(task=task, rater=rater, answers=_answers(body), submission=submission, seconds=seconds)
    return {
        "status": annotation.status,
        "revision": annotation.revision,
        "progress": rater_side.progress(task.project, rater),
    }


@task_action
def draft(task: Task, rater: Rater, body: dict[str, Any]) -> dict[str, Any]:
    return {"live": queue.save_draft(task=task, rater=rater, answers=_answers(body))}


@task_action
def skip(task: Task, rater: Rater, body: dict[str, Any]) -> dict[str, Any]:
    queue.skip(task=task, rater=rater, reason=str(body.get("reason") or ""))
    return {"progress": rater_side.progress(task.project, rater)}


@task_action
def flag(task: Task, rater: Rater, body: dict[str, Any]) -> dict[str, Any]:
    reason = str(body.get("reason") or "").strip()
    if not reason:
        raise ValidationError(_("Say what is wrong."))
    queue.flag(task=task, rater=rater, reason=reason)
    return {}


@task_action
def heartbeat(task: Task, rater: Rater, body: dict[str, Any]) -> dict[str, Any]:
    return {"live": queue.heartbeat(task=task, rater=rater)}


def _answers(body: dict[str, Any]) -> dict[str, Any]:
    answers = body.get("answers")
    if not isinstance(answers, dict):
        raise ValidationError("answers is an object: an answer by question.")
    return answers


def _rater(request: HttpRequest) -> Rater:
    return services.person_rater(organisation=request.project.organisation, user=request.user)


def _task(request: HttpRequest, task_id: int) -> Task:
    return get_object_or_404(request.project.tasks.select_related("project__organisation", "item"), pk=task_id)
