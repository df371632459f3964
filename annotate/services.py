"""Writes of collection: projects and forms, items and tasks, raters, and answers that come in bulk.

What annotators do one by one is in `annotate.queue`.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate.access.models import Organisation, User
from annotate.access.services import record
from annotate.models import Annotation, Flag, Form, Item, Lease, Project, Question, Rater, Response, Task
from annotate.questions import checked


@dataclass(frozen=True, slots=True)
class NewResponse:
    """A candidate to add; ``media`` are references to stored files (``sha256:…``)."""

    text: str
    model: str = ""
    media: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item to add. ``expected`` are known answers by question, which make its first task a check task."""

    external_id: str
    prompt: list[dict[str, str]]
    responses: tuple[NewResponse, ...]
    media: tuple[str, ...] = ()
    criteria: tuple[Mapping[str, Any], ...] = ()
    group: str = ""
    gold: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class NewAnnotation:
    """Answers that come from outside the queue, e.g. from an import or a model.

    ``shown``: the task's response keys in the order in which the rater saw them, where that is known.
    """

    task: Task
    rater: Rater
    answers: Mapping[str, Any]
    seconds: float | None = None
    submitted_at: datetime | None = None
    shown: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def create_project(
    *,
    organisation: Organisation,
    name: str,
    questions: Sequence[Mapping[str, Any]],
    by: User | None = None,
    **settings: Any,
) -> Project:
    """A project with the first version of its form.

    Raises
    ------
    ValidationError
        By field, if the settings or the questions are wrong.
    """
    project = Project(organisation=organisation, name=name, **settings)
    project.full_clean()
    project.save()
    create_form(project=project, questions=questions)
    record(organisation=organisation, actor=by, verb="project.created", target=project)
    return project


@transaction.atomic
def create_form(*, project: Project, questions: Sequence[Mapping[str, Any]], by: User | None = None) -> Form:
    """The next version of a project's form, or the newest where nothing differs from it.

    Earlier answers keep the version that they were given in.

    ``questions``: see `annotate.questions`.

    Raises
    ------
    ValidationError
        Under "questions": if a question is wrong, if the questions do not go together, or if the
        project's tasks show another number of responses than they ask about.
    """
    rows = checked(questions)
    newest = project.forms.order_by("-version").first()
    if newest is not None and newest.spec == [row.spec for row in rows]:
        return newest
    form = Form.objects.create(project=project, version=newest.version + 1 if newest else 1)
    for row in rows:
        row.form = form
    Question.objects.bulk_create(rows)
    if newest is not None and newest.arity != form.arity and project.tasks.exists():
        raise ValidationError(
            {
                "questions": _(
                    "The project's tasks show %(shown)s responses each, these questions ask about %(asked)s. "
                    "Make another project for them."
                )
                % {"shown": newest.arity or _("all"), "asked": form.arity or _("all")}
            }
        )
    record(organisation=project.organisation, actor=by, verb="form.created", target=form)
    return form


@transaction.atomic
def set_criteria(
    *, project: Project, question: str, criteria: Sequence[Mapping[str, Any]], by: User | None = None
) -> Form:
    """The next version of the form, with these criteria in one of its rubrics; the newest where they are the same.

    A form that has no such question gets it, as its last.

    Raises
    ------
    ValidationError
        As `create_form`.
    """
    questions = project.form.spec
    found = next((row for row in questions if row["kind"] == "rubric" and row["name"] == question), None)
    if found is None:
        title = "Which criteria does each response meet?"
        questions.append({"name": "rubric", "kind": "rubric", "title": title, "settings": {"criteria": list(criteria)}})
    else:
        found["settings"] = {**found["settings"], "criteria": list(criteria)}
    return create_form(project=project, questions=questions, by=by)


@transaction.atomic
def set_item_criteria(*, item: Item, criteria: Sequence[Mapping[str, Any]], by: User | None = None) -> None:
    """Give an item a rubric of its own, or take it away.

    Raises
    ------
    ValidationError
        If somebody was asked about the item: their answers name the criteria that they saw.
    """
    if Lease.objects.filter(task__item=item).exists() or Annotation.objects.filter(task__item=item).exists():
        raise ValidationError(_("Somebody was asked about this item; its criteria stay as they were seen."))
    Item.objects.filter(pk=item.pk).update(criteria=list(criteria))
    record(organisation=item.project.organisation, actor=by, verb="item.criteria", target=item)


@transaction.atomic
def add_items(*, project: Project, items: Sequence[NewItem]) -> dict[str, int]:
    """Add items with their responses and tasks; those whose external id is known are left as they are.

    Meant for chunks of some hundreds. Returns {external id: item pk} of all of them, known ones included.
    """
    ids = [item.external_id for item in items]
    known = dict(project.items.filter(external_id__in=ids).values_list("external_id", "pk"))
    new = {item.external_id: item for item in items if item.external_id not in known}
    rows = Item.objects.bulk_create(
        Item(
            project=project,
            external_id=item.external_id,
            prompt=item.prompt,
            media=list(item.media),
            criteria=list(item.criteria),
            group=item.group,
            gold=item.gold,
            metadata=dict(item.metadata),
        )
        for item in new.values()
    )
    responses: list[Response] = []
    tasks: list[Task] = []
    arity = project.form.arity
    for row in rows:
        item = new[row.external_id]
        keys = response_keys(item)
        own = [
            Response(
                item=row,
                index=index,
                key=keys[index],
                text=response.text,
                media=list(response.media),
                model=response.model,
                metadata=dict(response.metadata),
            )
            for index, response in enumerate(item.responses)
        ]
        responses += own
        for number, subset in enumerate(combinations(keys, arity or len(keys))):
            tasks.append(
                Task(
                    project=project,
                    item=row,
                    responses=list(subset),
                    subject=":".join(subset),
                    overlap=project.overlap,
                    expected=dict(item.expected) if item.expected and number == 0 else None,
                )
            )
    Response.objects.bulk_create(responses)
    Task.objects.bulk_create(tasks)
    return known | {row.external_id: row.pk for row in rows}


def add_tasks(*, project: Project, subjects: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Tasks about some of an item's responses: (item pk, response keys in the item's order); known ones stay."""
    Task.objects.bulk_create(
        [
            Task(project=project, item_id=item, responses=list(keys), subject=":".join(keys), overlap=project.overlap)
            for item, keys in subjects
        ],
        ignore_conflicts=True,
    )


def response_keys(item: NewItem) -> list[str]:
    """The keys that an item's responses get, in their order."""
    contents = [(response.text, *response.media) for response in item.responses]
    return [
        Response.make_key(item.external_id, contents[:index].count(content), content[0], content[1:])
        for index, content in enumerate(contents)
    ]


@transaction.atomic
def add_annotations(*, form: Form, annotations: Sequence[NewAnnotation], status: str) -> int:
    """Add answers in bulk; a rater who has answered a task already is passed over. Returns how many were added.

    With status "counted" each takes a place in its task, whose overlap grows where it must; answers of
    models are "unasked" and take none. Answers are trusted to fit the form: callers validate.
    """
    pairs = Annotation.objects.filter(task__in={new.task.pk for new in annotations}, is_current=True)
    known = set(pairs.values_list("task_id", "rater_id"))
    rows: list[Annotation] = []
    taken: dict[int, int] = {}
    for new in annotations:
        if (new.task.pk, new.rater.pk) in known:
            continue
        known.add((new.task.pk, new.rater.pk))
        taken[new.task.pk] = taken.get(new.task.pk, 0) + 1
        rows.append(
            Annotation(
                task=new.task,
                rater=new.rater,
                form=form,
                answers=dict(new.answers),
                shown=list(new.shown),
                seconds=new.seconds,
                status=status,
                submission=uuid.uuid4(),
                metadata=dict(new.metadata),
                submitted_at=new.submitted_at or timezone.now(),
            )
        )
    Annotation.objects.bulk_create(rows)
    if status == Annotation.Status.COUNTED:
        changed = list(Task.objects.select_for_update(no_key=True).filter(pk__in=taken).order_by("pk"))
        for task in changed:
            task.answered += taken[task.pk]
            task.taken += taken[task.pk]
            task.overlap = max(task.overlap, task.taken)
        Task.objects.bulk_update(changed, ["answered", "taken", "overlap"])
    return len(rows)


def person_rater(*, organisation: Organisation, user: User) -> Rater:
    """The rater that stands for a person in an organisation, made at first need."""
    rater = Rater.objects.filter(organisation=organisation, user=user).first()
    if rater is None:
        # An imported rater may bear the same name; it is not this person.
        is_taken = Rater.objects.filter(organisation=organisation, name=user.email).exists()
        name = f"{user.email[:180]} (person {user.pk})" if is_taken else user.email[:200]
        rater, _ = Rater.objects.get_or_create(
            organisation=organisation, user=user, defaults={"kind": Rater.Kind.PERSON, "name": name}
        )
    return rater


def raters(*, organisation: Organisation, kind: str, names: Iterable[str]) -> dict[str, Rater]:
    """Raters by name, made where they do not exist yet.

    A name that a rater of another kind bears already gets the kind as a suffix, so that nobody's
    import can answer in somebody else's name.
    """
    names = set(names)
    ours = Rater.objects.filter(organisation=organisation)
    taken = set(ours.filter(name__in=names).exclude(kind=kind).values_list("name", flat=True))
    own = {name: f"{name[:180]} ({kind.replace('_', ' ')})" if name in taken else name for name in sorted(names)}
    Rater.objects.bulk_create(
        [Rater(organisation=organisation, kind=kind, name=name) for name in own.values()], ignore_conflicts=True
    )
    found = {rater.name: rater for rater in ours.filter(name__in=own.values())}
    return {name: found[own[name]] for name in own}


@transaction.atomic
def update_project(*, project: Project, by: User | None = None, **changes: Any) -> None:
    """Change a project's settings, its overlap through `set_overlap`; raises ValidationError by field."""
    before = {name: getattr(project, name) for name in changes}
    for name, value in changes.items():
        setattr(project, name, value)
    project.full_clean()
    project.save(update_fields=list(changes))
    changed = sorted(name for name, value in changes.items() if value != before[name])
    if "overlap" in changed:
        set_overlap(project=project, overlap=project.overlap)
    if changed:
        record(organisation=project.organisation, actor=by, verb="project.changed", target=project, fields=changed)


@transaction.atomic
def set_overlap(*, project: Project, overlap: int) -> None:
    """Change how many raters answer each task; never below what is taken already."""
    project.overlap = overlap
    project.full_clean()
    project.save(update_fields=["overlap"])
    project.tasks.filter(taken__lte=overlap).update(overlap=overlap)
    project.tasks.filter(taken__gt=overlap).update(overlap=F("taken"))


@transaction.atomic
def set_priorities(*, project: Project, priorities: Mapping[int, int], more: int = 0) -> int:
    """Priorities by task, higher ones are asked first; returns how many tasks of the project were changed.

    ``more``: each is to be open for at least so many raters more than have taken it; its overlap grows where it must.
    """
    keys, changed = sorted(priorities), 0
    for start in range(0, len(keys), 500):
        own = project.tasks.select_for_update(no_key=True).filter(pk__in=keys[start : start + 500])
        tasks = list(own.order_by("pk"))
        for task in tasks:
            task.priority = priorities[task.pk]
            task.overlap = max(task.overlap, task.taken + more)
        Task.objects.bulk_update(tasks, ["priority", "overlap"])
        changed += len(tasks)
    return changed


@transaction.atomic
def set_gold(*, project: Project, outcomes: Mapping[int, str], by: User | None = None) -> int:
    """Give items, by primary key, the outcome that people verified between their first two responses.

    What is known already stays: a released outcome is never overwritten. Returns how many got one.
    """
    items = list(project.items.select_for_update(no_key=True).filter(pk__in=outcomes, gold="").order_by("pk"))
    for item in items:
        item.gold = outcomes[item.pk]
    Item.objects.bulk_update(items, ["gold"], batch_size=500)
    if items:
        record(organisation=project.organisation, actor=by, verb="gold.set", target=project, items=len(items))
    return len(items)


@transaction.atomic
def resolve_flag(*, flag: Flag, by: User) -> None:
    """Note that a flag was dealt with, and by whom."""
    open_ = Flag.objects.filter(pk=flag.pk, resolved_at=None)
    if open_.update(resolved_at=timezone.now(), resolved_by=by):
        record(organisation=flag.task.project.organisation, actor=by, verb="flag.resolved", target=flag.pk)
