"""Reads of collection: records for the statistics, and what the pages show."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from annotate import feedback
from annotate.models import Annotation, Project, Question, Task
from annotate.records import Record

COUNTING = (Annotation.Status.COUNTED, Annotation.Status.UNASKED)


def current_annotations(project: Project, **filters: Any) -> QuerySet[Annotation]:
    """The newest revision of every answer that counts: late ones are left out."""
    return Annotation.objects.filter(task__project=project, is_current=True, status__in=COUNTING, **filters)


def records(project: Project, *, question: str = "", **filters: Any) -> Iterator[Record]:
    """The records of a project's current annotations, streamed in the order of their making."""
    asked = _asked_by_form(project, question)
    rows = (
        current_annotations(project, **filters)
        .order_by("pk")
        .values_list(
            "pk", "form_id", "answers", "shown", "seconds", "rater__name", "task__responses",
            "task__item__external_id", "task__item__criteria",
        )
    )  # fmt: skip
    for pk, form_id, answers, shown, seconds, rater, responses, item, criteria in rows.iterator(chunk_size=5000):
        stamp = {
            "item": item,
            "rater": rater,
            "annotation": str(pk),
            "seconds": seconds,
            "shown_first": shown[0] if shown else "",
        }
        for kind, name, settings in asked[form_id]:
            answer = answers.get(name)
            if answer is not None:
                put = feedback.Asked(name, settings, tuple(responses), criteria=tuple(criteria), stamp=stamp)
                yield from kind.to_records(answer, put)


def recent_records(project: Project, question: str, most: int = 2000) -> Iterator[Record]:
    """The records of one question's newest annotations, so that a page may read them as it is opened."""
    newest = list(current_annotations(project).order_by("-pk").values_list("pk", flat=True)[:most])
    return records(project, question=question, pk__gte=newest[-1]) if newest else iter(())


def _asked_by_form(project: Project, question: str) -> dict[int, list[tuple[feedback.Kind, str, dict[str, Any]]]]:
    forms: dict[int, list[tuple[feedback.Kind, str, dict[str, Any]]]] = {
        pk: [] for pk in project.forms.values_list("pk", flat=True)
    }
    for row in Question.objects.filter(form__project=project):
        if question in ("", row.name):
            settings = feedback.settings_with_defaults(row.kind, row.settings)
            forms[row.form_id].append((feedback.get(row.kind), row.name, settings))
    return forms


def progress(project: Project) -> dict[str, int]:
    """Counts for a project's progress: tasks, those finished, answers wanted and given, open leases, late, flags."""
    counts = project.tasks.aggregate(
        tasks=Count("pk"),
        finished=Count("pk", filter=Q(answered__gte=F("overlap"))),
        started=Count("pk", filter=Q(answered__gt=0)),
        wanted=Sum("overlap"),
        given=Sum("answered"),
        taken=Sum("taken"),
    )
    counts = {name: value or 0 for name, value in counts.items()}
    counts["leased"] = counts["taken"] - counts["given"]
    counts["late"] = Annotation.objects.filter(task__project=project, status="late", is_current=True).count()
    counts["flags"] = (
        Task.objects.filter(project=project, flags__isnull=False, flags__resolved_at=None).distinct().count()
    )
    return counts
