"""Which tasks a reviewer looks at: one filter for the page and the API, all of it in the query string."""

import json
from collections.abc import Mapping
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from annotate import feedback, selectors
from annotate.models import Annotation, Flag, Rater, Response, Task

STATES = [("waiting", _("not begun")), ("begun", _("begun")), ("finished", _("finished"))]
SORTS = {"pk": "task", "item__external_id": "item", "priority": "priority", "answered": "answers", "taken": "taken"}


class TaskFilter(filters.FilterSet):
    """Filters of a project's tasks; ``request.project`` is the project."""

    q = filters.CharFilter(method="search", label="Search in prompt, responses, item")
    state = filters.ChoiceFilter(method="in_state", choices=STATES, empty_label=_("any state"), label="State")
    flagged = filters.BooleanFilter(method="with_flag", widget=forms.CheckboxInput, label="Flagged")
    late = filters.BooleanFilter(method="with_late", widget=forms.CheckboxInput, label="Late answers")
    check = filters.BooleanFilter(method="with_expected", widget=forms.CheckboxInput, label="Check tasks")
    language = filters.CharFilter(field_name="item__metadata__language", label="Language of the item")
    rater = filters.CharFilter(method="by_rater", label="Rater")
    raters = filters.CharFilter(method="by_both", label="Two raters, with a comma between")
    differ = filters.BooleanFilter(method="nothing", widget=forms.CheckboxInput, label="Where the two differ")
    question = filters.CharFilter(method="nothing", label="Question in which they differ")
    dimension = filters.CharFilter(method="nothing", label="Dimension in which they differ")
    sort = filters.OrderingFilter(fields=SORTS, label="Sort")

    class Meta:
        model = Task
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Task]) -> QuerySet[Task]:
        found = super().filter_queryset(queryset)
        # A whole order, so that pages neither repeat nor lose a task.
        return found.order_by(*found.query.order_by, "pk") if found.query.order_by else found.order_by("pk")

    def search(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        # SQLite keeps JSON as it was written, with everything outside ASCII escaped.
        escaped = json.dumps(value)[1:-1]
        return queryset.annotate(prompt_text=Cast("item__prompt", TextField())).filter(
            Q(item__external_id__icontains=value)
            | Q(prompt_text__icontains=value)
            | Q(prompt_text__icontains=escaped)
            | Exists(Response.objects.filter(item=OuterRef("item"), text__icontains=value))
        )

    def in_state(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        begun = Q(taken__gt=0) & Q(answered__lt=F("overlap"))
        return queryset.filter(
            {"waiting": Q(taken=0), "begun": begun, "finished": Q(answered__gte=F("overlap"))}[value]
        )

    def with_flag(self, queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
        return (
            queryset.filter(Exists(Flag.objects.filter(task=OuterRef("pk"), resolved_at=None))) if value else queryset
        )

    def with_late(self, queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
        late = Annotation.objects.filter(task=OuterRef("pk"), status=Annotation.Status.LATE, is_current=True)
        return queryset.filter(Exists(late)) if value else queryset

    def with_expected(self, queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
        return queryset.filter(expected__isnull=False) if value else queryset

    def by_rater(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return queryset.filter(Exists(_answers_of(self.request.project, value)))

    def by_both(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        first, second = two_raters(self.request.project, value)
        both = queryset.filter(Exists(_answers_of(self.request.project, first))).filter(
            Exists(_answers_of(self.request.project, second))
        )
        if not self.form.cleaned_data.get("differ"):
            return both
        wanted = {name: self.form.cleaned_data.get(name) for name in ("question", "dimension")}
        return both.filter(pk__in=differing(self.request.project, first, second, **wanted))

    def nothing(self, queryset: QuerySet[Task], name: str, value: Any) -> QuerySet[Task]:
        """Read by ``raters``."""
        return queryset


def two_raters(project: Any, value: str) -> tuple[str, str]:
    """The two names in ``value``, which a comma parts; names may hold commas themselves."""
    parts = value.split(",")
    splits = [(",".join(parts[:cut]).strip(), ",".join(parts[cut:]).strip()) for cut in range(1, len(parts))]
    names = {name for split in splits for name in split}
    known = set(
        Rater.objects.filter(organisation=project.organisation_id, name__in=names).values_list("name", flat=True)
    )
    return next((split for split in splits if known.issuperset(split)), ("", ""))


def differing(project: Any, first: str, second: str, *, question: str = "", dimension: str = "") -> list[int]:
    """Tasks that both raters answered and in which their readings of a unit are not the same."""
    said: dict[str, dict[int, Mapping[Any, Any]]] = {first: {}, second: {}}
    rows = selectors.current_annotations(project, rater__name__in=[first, second])
    task_of = dict(rows.values_list("pk", "task_id"))
    records: dict[tuple[str, int], list[Any]] = {}
    for record in selectors.records(project, question=question or "", rater__name__in=[first, second]):
        records.setdefault((record.rater, task_of[int(record.annotation)]), []).append(record)
    kinds = [feedback.get(kind) for kind in _kinds(project, question)]
    for (rater, task), own in records.items():
        said[rater][task] = {
            (reading.subject, reading.dimension): reading.category or reading.level or reading.content
            for kind in kinds
            for reading in kind.readings(own)
            if not dimension or reading.dimension == dimension
        }
    return [
        task
        for task, ours in said[first].items()
        if any(unit in ours and ours[unit] != theirs for unit, theirs in said[second].get(task, {}).items())
    ]


def _kinds(project: Any, question: str | None) -> list[str]:
    questions = project.form.questions.all()
    return sorted({row.kind for row in questions if question in (None, "", row.name)})


def _answers_of(project: Any, rater: str) -> QuerySet[Annotation]:
    return Annotation.objects.filter(
        task=OuterRef("pk"), is_current=True, rater__name=rater, rater__organisation=project.organisation_id
    )


def shown_counts(tasks: list[Task]) -> dict[int, dict[str, int]]:
    """Open flags, late answers and models' answers of the tasks on one page."""
    ids = [task.pk for task in tasks]
    late = Q(status=Annotation.Status.LATE)
    answers = Annotation.objects.filter(task__in=ids, is_current=True).values("task_id")
    counts = {pk: {"flags": 0, "late": 0, "models": 0} for pk in ids}
    for row in answers.annotate(late=Count("pk", filter=late), models=Count("pk", filter=Q(status="unasked"))):
        counts[row["task_id"]] |= {"late": row["late"], "models": row["models"]}
    for row in Flag.objects.filter(task__in=ids, resolved_at=None).values("task_id").annotate(n=Count("pk")):
        counts[row["task_id"]]["flags"] = row["n"]
    return counts
