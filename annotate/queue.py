"""The queue: who gets which task, and what becomes of the answer.

One code path for SQLite and PostgreSQL. Every function here is one transaction that locks the
task's row before it counts: PostgreSQL by `SELECT … FOR NO KEY UPDATE`, SQLite because its
transactions take the write lock when they begin (``transaction_mode=IMMEDIATE``). The invariant,
also held by a constraint in the database: live leases and counted answers of a task never exceed
its overlap.

Locks are taken in the order rater, task, lease, and the searches for work skip what is locked, so
nobody waits for somebody who waits for them.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, F, OuterRef, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate import conditions, feedback
from annotate.access.models import User
from annotate.access.services import record
from annotate.models import Annotation, Draft, Flag, Form, Lease, Project, Rater, Skip, Task

# One task on the screen and one loaded ahead.
LIVE_LEASES_A_RATER = 2
MAX_SECONDS = 86_400.0


class InvalidAnswers(ValueError):
    """Answers that the form does not allow: ``errors`` is {question: {"path", "message"}}."""

    def __init__(self, errors: dict[str, dict[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {error['message']}" for name, error in errors.items()))
        self.errors = errors


def shown_order(*, task: Task, rater: Rater) -> list[str]:
    """The task's response keys in this rater's own order: fair over raters, the same on every visit."""
    if not task.project.shuffle:
        return list(task.responses)
    return sorted(task.responses, key=lambda key: hashlib.sha256(f"{rater.pk}:{task.pk}:{key}".encode()).digest())


@transaction.atomic
def lease_next(*, project: Project, rater: Rater, beside: Iterable[int] = ()) -> Lease | None:
    """A lease of the next task for this rater; None when there is nothing left for them.

    A live lease of theirs comes first, unless its task is among ``beside`` (already on their screen).
    """
    Rater.objects.select_for_update(no_key=True).get(pk=rater.pk)
    beside = set(beside)
    expire_leases(project=project)
    if project.is_paused:
        return None
    live = list(Lease.objects.filter(task__project=project, rater=rater, end="").order_by("pk"))
    for lease in live:
        # Nothing is extended where the answer came in just now.
        if lease.task_id not in beside and _extend(lease, project):
            return _at_hand(lease)
    if len(live) >= LIVE_LEASES_A_RATER:
        return None
    mine = {"task": OuterRef("pk"), "rater": rater}
    task = (
        Task.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(project=project, taken__lt=F("overlap"))
        .exclude(Exists(Annotation.objects.filter(**mine, is_current=True)))
        .exclude(Exists(Skip.objects.filter(**mine)))
        .exclude(Exists(Lease.objects.filter(**mine, end="")))
        .order_by("-priority", "pk")
        .first()
    )
    if task is None:
        return None
    Task.objects.filter(pk=task.pk).update(taken=F("taken") + 1)
    return _at_hand(
        Lease.objects.create(
            task=task,
            rater=rater,
            form=project.form,
            shown=shown_order(task=task, rater=rater),
            expires_at=_expiry(project),
        )
    )


@transaction.atomic
def take(*, task: Task, rater: Rater) -> Annotation | Lease:
    """A lease of a task of the rater's own choice, for reviewers; what they were asked before, where they answered.

    A full task grows by one place, so that nobody else's is taken.
    """
    task = _lock(task)
    answered = Annotation.objects.select_related("form").filter(task=task, rater=rater, is_current=True).first()
    if answered is not None:
        return answered
    # A lease that ran out gives its place back here, not to whoever comes next.
    for lease in Lease.objects.filter(task=task, rater=rater, end=""):
        if lease.expires_at > timezone.now() and _extend(lease, task.project):
            return _at_hand(lease)
        _end(lease, Lease.End.EXPIRED)
        Task.objects.filter(pk=task.pk).update(taken=F("taken") - 1)
    Task.objects.filter(pk=task.pk, taken__gte=F("overlap")).update(overlap=F("taken") + 1)
    Task.objects.filter(pk=task.pk).update(taken=F("taken") + 1)
    return _at_hand(
        Lease.objects.create(
            task=task,
            rater=rater,
            form=task.project.form,
            shown=shown_order(task=task, rater=rater),
            expires_at=_expiry(task.project),
        )
    )


def asked_of(*, task: Task, rater: Rater) -> Annotation | Lease:
    """What says which form and which order this rater saw: their current answer, else their last lease.

    Raises
    ------
    PermissionDenied
        If this task was never given to this rater.
    """
    for rows in (Annotation.objects.filter(is_current=True), Lease.objects.order_by("-pk")):
        asked = rows.select_related("form").filter(task=task, rater=rater).first()
        if asked is not None:
            return asked
    raise PermissionDenied(_("This task was not given to you."))


@transaction.atomic
def submit(
    *,
    task: Task,
    rater: Rater,
    answers: Mapping[str, Any],
    submission: UUID,
    seconds: float | None = None,
) -> Annotation:
    """Take one rater's answers to a task, under the form and in the order that they were shown.

    The same ``submission`` again gives the annotation it made the first time. Where the rater has
    answered before, the new answers are a revision. Where the lease has run out they are kept as
    late.

    Raises
    ------
    InvalidAnswers
        If the answers do not fit the form.
    PermissionDenied
        If this task was never given to this rater.
    """
    task = _lock(task)
    known = Annotation.objects.filter(submission=submission).first()
    if known is not None:
        if known.task_id != task.pk or known.rater_id != rater.pk:
            raise PermissionDenied(_("This submission belongs to another task."))
        return known
    asked = asked_of(task=task, rater=rater)
    previous, lease = (asked, None) if isinstance(asked, Annotation) else (None, asked)
    now = timezone.now()
    annotation = Annotation(
        task=task,
        rater=rater,
        form=asked.form,
        answers=validate_answers(form=asked.form, task=task, answers=answers),
        shown=asked.shown,
        seconds=None if seconds is None else min(max(float(seconds), 0.0), MAX_SECONDS),
        submission=submission,
        submitted_at=now,
    )
    if previous is not None:
        Annotation.objects.filter(pk=previous.pk).update(is_current=False)
        annotation.supersedes = previous
        annotation.revision = previous.revision + 1
        annotation.status = previous.status
        annotation.seconds = (previous.seconds or 0) + (annotation.seconds or 0)
    elif lease is not None and not lease.end and lease.expires_at > now:
        _end(lease, Lease.End.ANSWERED)
        Task.objects.filter(pk=task.pk).update(answered=F("answered") + 1)
    else:
        if lease is not None and not lease.end:
            _end(lease, Lease.End.EXPIRED)
            Task.objects.filter(pk=task.pk).update(taken=F("taken") - 1)
        annotation.status = Annotation.Status.LATE
    annotation.save(force_insert=True)
    Draft.objects.filter(task=task, rater=rater).delete()
    return annotation


@transaction.atomic
def count_late(*, annotation: Annotation, by: User | None = None) -> bool:
    """Count an answer that came late; the task's overlap grows where it is full. False if there was nothing to do."""
    task = _lock(annotation.task)
    changed = Annotation.objects.filter(pk=annotation.pk, status=Annotation.Status.LATE, is_current=True).update(
        status=Annotation.Status.COUNTED
    )
    if changed:
        taken = task.taken + 1
        Task.objects.filter(pk=task.pk).update(
            taken=taken, answered=F("answered") + 1, overlap=max(task.overlap, taken)
        )
        record(organisation=task.project.organisation, actor=by, verb="annotation.counted", target=annotation.pk)
    return bool(changed)


@transaction.atomic
def skip(*, task: Task, rater: Rater, reason: str = "") -> None:
    """Hand a task back; it is not offered to this rater again."""
    task = _lock(task)
    _require_asked(task, rater)
    if Annotation.objects.filter(task=task, rater=rater, is_current=True).exists():
        raise PermissionDenied(_("You have answered this task."))
    lease = Lease.objects.filter(task=task, rater=rater, end="").first()
    if lease is not None:
        _end(lease, Lease.End.RETURNED)
        Task.objects.filter(pk=task.pk).update(taken=F("taken") - 1)
    Skip.objects.update_or_create(task=task, rater=rater, defaults={"reason": reason[:500]})
    Draft.objects.filter(task=task, rater=rater).delete()


@transaction.atomic
def flag(*, task: Task, rater: Rater, reason: str) -> Flag:
    """Note that something is wrong with a task; the same words twice are one flag."""
    task = _lock(task)
    _require_asked(task, rater)
    return Flag.objects.get_or_create(task=task, rater=rater, reason=reason[:500], resolved_at=None)[0]


@transaction.atomic
def save_draft(*, task: Task, rater: Rater, answers: Mapping[str, Any]) -> bool:
    """Keep unsent answers, unchecked, and the lease alive; False when the lease has run out.

    A draft that arrives after the answer itself is dropped.
    """
    task = _lock(task)
    _require_asked(task, rater)
    if not Annotation.objects.filter(task=task, rater=rater, is_current=True).exists():
        Draft.objects.update_or_create(task=task, rater=rater, defaults={"answers": dict(answers)})
    return heartbeat(task=task, rater=rater)


@transaction.atomic
def heartbeat(*, task: Task, rater: Rater) -> bool:
    """Extend a live lease; False when it has run out."""
    live = Lease.objects.filter(task=task, rater=rater, end="", expires_at__gt=timezone.now())
    return bool(live.update(expires_at=_expiry(task.project)))


@transaction.atomic
def expire_leases(*, project: Project | None = None) -> int:
    """End the leases that ran out and free their places; returns how many."""
    due = Lease.objects.filter(end="", expires_at__lte=timezone.now())
    if project is not None:
        due = due.filter(task__project=project)
    if not due.exists():
        return 0
    # Whoever holds a row is about to change it; the next call ends what is skipped here.
    tasks = Task.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=due.values("task_id"))
    task_ids = [task.pk for task in tasks.order_by("pk").only("pk")]
    leases = list(due.filter(task_id__in=task_ids).select_for_update(skip_locked=True, of=("self",)))
    Lease.objects.filter(pk__in=[lease.pk for lease in leases]).update(end=Lease.End.EXPIRED, ended_at=timezone.now())
    for task_id, count in Counter(lease.task_id for lease in leases).items():
        Task.objects.filter(pk=task_id).update(taken=F("taken") - count)
    return len(leases)


def validate_answers(*, form: Form, task: Task, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers, checked question by question; those that are None count as not given.

    Raises
    ------
    InvalidAnswers
        With a message for each question at fault, unknown and missing ones included, and for an answer to a
        question whose condition does not hold.
    """
    prefetch_related_objects([form], "questions")
    prefetch_related_objects([task], "item__responses")
    questions = {question.name: question for question in form.questions.all()}
    given = {name: answer for name, answer in answers.items() if answer is not None}
    asked = form.asked(given)
    errors = {name: {"path": "", "message": _("The form has no such question.")} for name in given.keys() - questions}
    for name, question in questions.items():
        if name not in asked:
            if name in given:
                when = conditions.in_words(question.condition)
                said = _("This is asked only where (%(condition)s); leave it out.") % {"condition": when}
                errors[name] = {"path": "", "message": said}
            continue
        if name not in given:
            if question.required:
                errors[name] = {"path": "", "message": _("This question needs an answer.")}
            continue
        try:
            feedback.validate(question.kind, given[name], question.asked(task))
        except feedback.InvalidAnswer as error:
            errors[name] = {"path": error.path, "message": str(error)}
    if errors:
        raise InvalidAnswers(errors)
    return given


def _lock(task: Task) -> Task:
    Task.objects.select_for_update(no_key=True).get(pk=task.pk)
    return Task.objects.select_related("project__organisation", "item").get(pk=task.pk)


def _at_hand(lease: Lease) -> Lease:
    return Lease.objects.select_related("form", "task__project__organisation", "task__item").get(pk=lease.pk)


def _require_asked(task: Task, rater: Rater) -> None:
    if not Lease.objects.filter(task=task, rater=rater).exists():
        raise PermissionDenied(_("This task was not given to you."))


def _expiry(project: Project) -> datetime:
    return timezone.now() + timedelta(minutes=project.lease_minutes)


def _extend(lease: Lease, project: Project) -> bool:
    return bool(Lease.objects.filter(pk=lease.pk, end="").update(expires_at=_expiry(project)))


def _end(lease: Lease, end: str) -> None:
    Lease.objects.filter(pk=lease.pk).update(end=end, ended_at=timezone.now())
