"""The reviewers' side: all tasks with their filters, and one task with everybody's answers side by side."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate import queue, services, summaries
from annotate.access.policy import Permission
from annotate.filters import TaskFilter, shown_counts, two_raters
from annotate.media.selectors import shown as shown_files
from annotate.models import Annotation, Flag, Rater, Task
from annotate.views.shell import project_page
from annotate.workbench import excerpt, files_of, letters

PAGE = 50


@project_page(Permission.REVIEW)
def tasks(request: HttpRequest) -> HttpResponse:
    found = TaskFilter(request.GET, queryset=request.project.tasks.select_related("item"), request=request)
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    counts = shown_counts(list(page))
    rows = [{"task": task, "excerpt": excerpt(task.item.prompt), **counts[task.pk]} for task in page]
    return render(
        request,
        "annotate/tasks.html",
        {
            "filter": found,
            "page": page,
            "rows": rows,
            "is_filtered": any(value for name, value in request.GET.items() if name not in ("page", "sort")),
            "people": Rater.objects.filter(leases__task__project=request.project).distinct().order_by("name")[:200],
            "has_languages": any("language" in task.item.metadata for task in page),
            "pair": two_raters(request.project, found.form.cleaned_data.get("raters") or ""),
        },
    )


@project_page(Permission.REVIEW)
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    found = get_object_or_404(request.project.tasks.select_related("item", "project"), pk=task_id)
    names = letters(found.responses)
    rows = found.annotations.select_related("rater__user", "form").prefetch_related("form__questions")
    current = sorted(rows.filter(is_current=True), key=lambda row: (row.rater.is_model, row.pk))
    answers = [_answer(row, names) for row in current]
    earlier: dict[int, list[dict[str, Any]]] = {}
    for row in rows.filter(is_current=False).order_by("-revision"):
        earlier.setdefault(row.rater_id, []).append(_answer(row, names))
    for answer in answers:
        answer["earlier"] = earlier.get(answer["annotation"].rater_id, [])
    neighbours = request.project.tasks.order_by("pk")
    return render(
        request,
        "annotate/task.html",
        {
            "task": found,
            "item": found.item,
            "sources": files_of(
                shown_files(request.project.organisation_id, found.item.media), found.item.media, _("Source image")
            ),
            "responses": _responses(found, names),
            "answers": answers,
            "expected": _expected(found, names),
            "flags": found.flags.select_related("rater__user", "resolved_by").order_by("resolved_at", "-pk"),
            "skips": found.skips.select_related("rater__user"),
            "previous": neighbours.filter(pk__lt=found.pk).last(),
            "next": neighbours.filter(pk__gt=found.pk).first(),
        },
    )


@project_page(Permission.REVIEW)
@require_POST
def count_late(request: HttpRequest, annotation_id: int) -> HttpResponse:
    annotation = get_object_or_404(Annotation, pk=annotation_id, task__project=request.project)
    if queue.count_late(annotation=annotation, by=request.user):
        messages.success(request, _("The late answer counts now."))
    return redirect("task", request.project.pk, annotation.task_id)


@project_page(Permission.REVIEW)
@require_POST
def resolve_flag(request: HttpRequest, flag_id: int) -> HttpResponse:
    flag = get_object_or_404(Flag.objects.select_related("task"), pk=flag_id, task__project=request.project)
    services.resolve_flag(flag=flag, by=request.user)
    messages.success(request, _("Resolved."))
    return redirect("task", request.project.pk, flag.task_id)


def _answer(row: Annotation, names: dict[str, str]) -> dict[str, Any]:
    questions = []
    for question in row.form.questions.all():
        lines = summaries.of_answer(question, row.answers.get(question.name), row.task, names)
        questions.append({"title": question.title, "lines": lines})
    return {
        "annotation": row,
        "questions": questions,
        "shown": [names.get(key, "?") for key in row.shown],
        "earlier": [],
    }


def _expected(task: Task, names: dict[str, str]) -> list[dict[str, Any]]:
    if task.expected is None:
        return []
    return [
        {"title": question.title, "lines": summaries.of_answer(question, task.expected[question.name], task, names)}
        for question in task.project.form.questions.all()
        if question.name in task.expected
    ]


def _responses(task: Task, names: dict[str, str]) -> list[dict[str, Any]]:
    """The responses that the task asks about, in the item's own order, with their models."""
    rows = {row.key: row for row in task.item.responses.all()}
    files = shown_files(task.project.organisation_id, [ref for row in rows.values() for ref in row.media])
    return [
        {
            "response": rows[key],
            "label": label,
            "media": files_of(files, rows[key].media, _("Response %(label)s") % {"label": label}),
        }
        for key, label in names.items()
        if key in rows
    ]
