"""The queue's rules one by one; what many processes at once make of them is test_queue_concurrency's."""

import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotate import queue, services
from annotate.access.models import Role
from annotate.models import Annotation, Draft, Flag, Lease, Skip, Task

TIE = {"overall": {"chosen": "tie", "strength": 0}}


@pytest.fixture
def rater(world):
    return world.rater(world.owner)


@pytest.fixture
def other(world):
    return world.rater(world.members[Role.ANNOTATOR])


def task_of(lease):
    return Task.objects.get(pk=lease.task_id)


def submit(world, lease, **more):
    given = {"answers": world.answers(lease.task), "submission": uuid.uuid4(), "seconds": 5} | more
    return queue.submit(task=lease.task, rater=lease.rater, **given)


def holds(project):
    """The invariant, from the rows themselves."""
    for task in project.tasks.all():
        live = task.leases.filter(end="").count()
        counted = task.annotations.filter(is_current=True, status="counted").count()
        assert task.answered == counted
        assert task.taken == live + counted <= task.overlap


# ---- leases ----


def test_a_lease_takes_a_place_and_says_what_was_asked(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    assert task_of(lease).taken == 1
    assert lease.form == world.project.form
    assert sorted(lease.shown) == sorted(lease.task.responses)
    assert timezone.now() + timedelta(minutes=29) < lease.expires_at < timezone.now() + timedelta(minutes=31)


def test_the_same_task_comes_back_until_it_is_answered(world, rater):
    first = queue.lease_next(project=world.project, rater=rater)
    assert queue.lease_next(project=world.project, rater=rater) == first
    assert task_of(first).taken == 1


def test_one_task_is_loaded_ahead_and_no_more(world, rater):
    first = queue.lease_next(project=world.project, rater=rater)
    second = queue.lease_next(project=world.project, rater=rater, beside=[first.task_id])
    assert second.task_id != first.task_id
    assert queue.lease_next(project=world.project, rater=rater, beside=[first.task_id, second.task_id]) is None
    assert queue.lease_next(project=world.project, rater=rater, beside=[first.task_id]) == second
    assert Lease.objects.filter(end="").count() == queue.LIVE_LEASES_A_RATER


def test_priority_first_then_the_order_of_their_making(world, rater):
    last = world.project.tasks.last()
    Task.objects.filter(pk=last.pk).update(priority=5)
    assert queue.lease_next(project=world.project, rater=rater).task == last
    submit(world, queue.lease_next(project=world.project, rater=rater))
    assert queue.lease_next(project=world.project, rater=rater).task == world.project.tasks.order_by("pk").first()


def test_no_more_raters_than_the_overlap(world):
    leases = [world.lease(user) for user in world.members.values()]
    assert Counter(lease.task_id for lease in leases).most_common(1)[0][1] == world.project.overlap
    holds(world.project)


def test_the_database_itself_refuses_more(world):
    task = world.project.tasks.first()
    for values in ({"taken": task.overlap + 1}, {"answered": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(**values)


def test_a_rater_answers_a_task_once_and_sees_all_of_them(world, rater):
    seen = [world.answer(world.owner).task_id for _ in range(6)]
    assert len(set(seen)) == 6
    assert queue.lease_next(project=world.project, rater=rater) is None


def test_a_paused_project_gives_nothing_out_but_takes_answers(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    services.update_project(project=world.project, is_paused=True)
    assert queue.lease_next(project=world.project, rater=rater) is None
    assert submit(world, lease).status == "counted"


def test_a_lease_that_ran_out_frees_its_place(world, rater, other):
    lease = queue.lease_next(project=world.project, rater=rater)
    world.let_expire(lease)
    assert queue.expire_leases(project=world.make_project("another")) == 0
    assert queue.expire_leases() == 1
    lease.refresh_from_db()
    assert (lease.end, task_of(lease).taken) == ("expired", 0)
    assert queue.lease_next(project=world.project, rater=rater).task_id == lease.task_id, "it may be asked again"
    holds(world.project)


def test_a_heartbeat_extends_a_live_lease_only(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    Lease.objects.filter(pk=lease.pk).update(expires_at=timezone.now() + timedelta(seconds=5))
    assert queue.heartbeat(task=lease.task, rater=rater)
    lease.refresh_from_db()
    assert lease.expires_at > timezone.now() + timedelta(minutes=29)
    world.let_expire(lease)
    assert not queue.heartbeat(task=lease.task, rater=rater)


def test_an_extension_that_comes_in_between_is_not_expired(world, rater, monkeypatch):
    """A heartbeat between the search for due leases and their end must not free a place that is still held."""
    lease = queue.lease_next(project=world.project, rater=rater)
    world.let_expire(lease)
    select = queue.Task.objects.select_for_update

    def extend_first(**options):
        Lease.objects.filter(pk=lease.pk).update(expires_at=timezone.now() + timedelta(minutes=5))
        return select(**options)

    monkeypatch.setattr(queue.Task.objects, "select_for_update", extend_first)
    assert queue.expire_leases() == 0
    holds(world.project)


# ---- the order shown ----


def test_the_order_is_each_raters_own_stable_and_fair(world):
    project = world.make_project("many")
    world.add_items(40, project=project)
    tasks = list(project.tasks.all())
    users = list(world.members.values())
    first_in_own_order = 0
    for user in users:
        rater = world.rater(user)
        for task in tasks:
            shown = queue.shown_order(task=task, rater=rater)
            assert shown == queue.shown_order(task=task, rater=rater)
            first_in_own_order += shown[0] == task.responses[0]
    # 200 fair coins: outside of these bounds once in 100,000 times.
    assert 69 < first_in_own_order < 131
    orders = {tuple(queue.shown_order(task=tasks[0], rater=world.rater(user))[0] for user in users)}
    orders |= {tuple(queue.shown_order(task=task, rater=world.rater(user))[0] for task in tasks) for user in users}
    assert len(orders) == len(users) + 1, "raters do not share an order"


def test_without_shuffling_the_items_own_order_is_shown(world, rater):
    services.update_project(project=world.project, shuffle=False)
    for _ in range(5):
        annotation = world.answer(world.owner)
        assert annotation.shown == annotation.task.responses


def test_what_was_shown_is_stored_although_the_setting_changes(world, rater):
    leases = []
    for user in world.members.values():
        leases.append(world.lease(user))
    swapped = next(lease for lease in leases if lease.shown != lease.task.responses)
    services.update_project(project=world.project, shuffle=False)
    assert submit(world, swapped).shown == swapped.shown


# ---- answers ----


def test_an_answer_counts(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    annotation = submit(world, lease)
    task, lease = task_of(lease), Lease.objects.get(pk=lease.pk)
    assert (annotation.status, annotation.revision, annotation.seconds) == ("counted", 1, 5)
    assert (task.taken, task.answered, lease.end) == (1, 1, "answered")
    holds(world.project)


def test_sent_twice_counts_once(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    submission = uuid.uuid4()
    first = submit(world, lease, submission=submission)
    again = submit(world, lease, submission=submission, answers=world.answers(lease.task, place=1))
    assert again == first
    assert Annotation.objects.get().answers == first.answers
    holds(world.project)


def test_a_submission_id_cannot_be_used_for_another_task(world, rater, other):
    submission = uuid.uuid4()
    submit(world, queue.lease_next(project=world.project, rater=rater), submission=submission)
    with pytest.raises(PermissionDenied):
        submit(world, queue.lease_next(project=world.project, rater=rater), submission=submission)
    theirs = queue.lease_next(project=world.project, rater=other)
    with pytest.raises(PermissionDenied):
        submit(world, theirs, submission=submission)


def test_a_change_is_a_revision_beside_the_first_answer(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    first = submit(world, lease)
    second = submit(world, lease, answers=world.answers(lease.task, place=1), seconds=2)
    first.refresh_from_db()
    assert (second.revision, second.supersedes, second.status, second.seconds) == (2, first, "counted", 7)
    assert (first.is_current, second.is_current) == (False, True)
    assert second.shown == first.shown
    assert first.answers != second.answers
    holds(world.project)


def test_an_answer_after_the_lease_is_kept_as_late(world, rater, other):
    lease = queue.lease_next(project=world.project, rater=rater)
    world.let_expire(lease)
    annotation = submit(world, lease)
    assert annotation.status == "late"
    assert (task_of(lease).taken, task_of(lease).answered) == (0, 0)
    assert submit(world, lease, answers=world.answers(lease.task, place=1)).status == "late", "so is its revision"
    assert queue.lease_next(project=world.project, rater=rater).task_id != lease.task_id
    holds(world.project)


def test_late_although_somebody_ended_the_lease_first(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    world.let_expire(lease)
    queue.expire_leases()
    assert submit(world, lease).status == "late"
    holds(world.project)


def test_a_late_answer_can_be_counted_and_grows_a_full_task(world, rater, other):
    late = world.answer(world.owner, late=True)
    for role in (Role.ANNOTATOR, Role.ADMIN):
        assert world.answer(world.members[role]).task == late.task
    assert task_of(late).answered == late.task.overlap == 2
    assert queue.count_late(annotation=late, by=world.owner)
    assert not queue.count_late(annotation=late, by=world.owner), "once"
    task = task_of(late)
    assert (task.overlap, task.taken, task.answered) == (3, 3, 3)
    assert world.organisation.audit_events.filter(verb="annotation.counted").count() == 1
    holds(world.project)


@pytest.mark.parametrize(
    ("answers", "at_fault"),
    [
        ({}, {"preference"}),
        ({"preference": None}, {"preference"}),
        ({"preference": {"overall": {"chosen": "tie", "strength": 1}}}, {"preference"}),
        ({"preference": {"overall": {"chosen": "a", "strength": 1}}}, {"preference"}),
        ({"preference": TIE, "more": 1}, {"more"}),
        ({"preference": "tie", "reason": 3}, {"preference", "reason"}),
        (
            {"preference": {"overall": {"chosen": "tie", "strength": 0}}, "reason": {"overall": {"text": "\0"}}},
            {"reason"},
        ),
    ],
)
def test_answers_outside_of_the_form_are_refused_whole(world, rater, answers, at_fault):
    lease = queue.lease_next(project=world.project, rater=rater)
    with pytest.raises(queue.InvalidAnswers) as refused:
        submit(world, lease, answers=answers)
    assert set(refused.value.errors) == at_fault
    assert all(error["message"] for error in refused.value.errors.values())
    assert not Annotation.objects.exists()
    assert task_of(lease).taken == 1


def test_the_form_that_was_shown_is_the_form_that_judges(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    questions = [{"name": "choice", "kind": "pairwise", "title": "New"}]
    services.create_form(project=world.project, questions=questions)
    annotation = submit(world, lease)
    assert annotation.form == lease.form
    assert submit(world, lease).form == lease.form, "a revision too"
    assert queue.lease_next(project=world.project, rater=rater).form.version == 2


def test_a_task_that_was_never_given_cannot_be_answered(world, rater, other):
    lease = queue.lease_next(project=world.project, rater=rater)
    for act in (
        lambda: queue.submit(task=lease.task, rater=other, answers=world.answers(lease.task), submission=uuid.uuid4()),
        lambda: queue.skip(task=lease.task, rater=other),
        lambda: queue.flag(task=lease.task, rater=other, reason="x"),
        lambda: queue.save_draft(task=lease.task, rater=other, answers={}),
        lambda: queue.asked_of(task=lease.task, rater=other),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not queue.heartbeat(task=lease.task, rater=other)
    for made in (Annotation, Skip, Flag, Draft):
        assert not made.objects.exists()


@pytest.mark.parametrize(("given", "kept"), [(None, None), (-3, 0), (1e9, queue.MAX_SECONDS), (7.25, 7.25)])
def test_seconds_stay_within_reason(world, given, kept):
    assert world.answer(world.owner, seconds=given).seconds == kept


# ---- skip, flag, draft ----


def test_a_skipped_task_goes_back_and_is_not_offered_again(world, rater, other):
    lease = queue.lease_next(project=world.project, rater=rater)
    queue.save_draft(task=lease.task, rater=rater, answers={"reason": "half"})
    queue.skip(task=lease.task, rater=rater, reason="too hard")
    assert (task_of(lease).taken, Skip.objects.get().reason, Draft.objects.count()) == (0, "too hard", 0)
    assert queue.lease_next(project=world.project, rater=rater).task_id != lease.task_id
    assert queue.lease_next(project=world.project, rater=other).task_id == lease.task_id
    queue.skip(task=lease.task, rater=rater, reason="too hard")  # sent twice
    assert Skip.objects.count() == 1
    holds(world.project)


def test_a_skip_counts_although_the_lease_ran_out_first(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    world.let_expire(lease)
    queue.expire_leases()
    queue.skip(task=lease.task, rater=rater)
    assert queue.lease_next(project=world.project, rater=rater).task_id != lease.task_id
    holds(world.project)


def test_what_was_answered_cannot_be_skipped(world, rater):
    annotation = world.answer(world.owner)
    with pytest.raises(PermissionDenied):
        queue.skip(task=annotation.task, rater=rater)
    holds(world.project)


def test_an_answer_from_another_window_after_a_skip_is_late_not_lost(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    queue.skip(task=lease.task, rater=rater)
    assert submit(world, lease).status == "late"
    holds(world.project)


def test_the_same_flag_twice_is_one(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    first = queue.flag(task=lease.task, rater=rater, reason="broken")
    assert queue.flag(task=lease.task, rater=rater, reason="broken") == first
    assert queue.flag(task=lease.task, rater=rater, reason="rude") != first


def test_drafts_are_kept_unchecked_until_the_answer(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    assert queue.save_draft(task=lease.task, rater=rater, answers={"reason": "unfinish"})
    assert queue.save_draft(task=lease.task, rater=rater, answers={"reason": "unfinished"})
    assert Draft.objects.get().answers == {"reason": "unfinished"}
    submit(world, lease)
    queue.save_draft(task=lease.task, rater=rater, answers={"reason": "came after the answer"})
    assert not Draft.objects.exists()


# ---- overlap, forms ----


def test_overlap_never_falls_below_what_is_taken(world, rater):
    world.answer(world.owner)
    world.answer(world.members[Role.ANNOTATOR])
    services.set_overlap(project=world.project, overlap=1)
    overlaps = Counter(world.project.tasks.values_list("overlap", flat=True))
    assert overlaps == {2: 1, 1: 5}
    holds(world.project)
    services.set_overlap(project=world.project, overlap=4)
    assert set(world.project.tasks.values_list("overlap", flat=True)) == {4}
    with pytest.raises(ValidationError):
        services.set_overlap(project=world.project, overlap=0)


# ---- reviewers take tasks of their own choice ----


def test_a_reviewer_takes_a_full_task_and_nobody_loses_a_place(world, rater, other):
    third = world.rater(world.members[Role.REVIEWER])
    for one in (rater, other):
        submit(world, queue.lease_next(project=world.project, rater=one))
    task = world.project.tasks.order_by("pk").first()
    assert (task.taken, task.overlap) == (2, 2)
    lease = queue.take(task=task, rater=third)
    assert queue.take(task=task, rater=third) == lease, "looking twice holds one place"
    task.refresh_from_db()
    assert (task.taken, task.overlap) == (3, 3)
    holds(world.project)
    submit(world, lease)
    holds(world.project)
    assert queue.take(task=task, rater=third).rater == third, "then it is the answer that comes back"
    holds(world.project)


def test_a_lease_that_ran_out_is_taken_anew(world, rater):
    lease = queue.lease_next(project=world.project, rater=rater)
    world.let_expire(lease)
    again = queue.take(task=lease.task, rater=rater)
    assert again.pk != lease.pk
    assert task_of(lease).taken == 1
    assert submit(world, again).status == "counted"
    holds(world.project)


def test_a_task_that_was_taken_can_be_handed_back(world, rater):
    task = world.project.tasks.first()
    queue.take(task=task, rater=rater)
    queue.skip(task=task, rater=rater)
    holds(world.project)
    assert queue.lease_next(project=world.project, rater=rater).task_id != task.pk


# ---- conditions ----

WHY = {"question": "preference", "path": "overall/chosen", "not_in": ["tie", "both_bad"]}
TIE = {"overall": {"chosen": "tie", "strength": 0}}


@pytest.fixture
def asks_why(world, rater):
    first, second = world.project.form.spec
    services.create_form(project=world.project, questions=[first, {**second, "required": True, "condition": WHY}])
    return queue.lease_next(project=world.project, rater=rater)


def test_a_question_is_required_only_where_it_is_asked(world, asks_why):
    answers = world.answers(asks_why.task)
    with pytest.raises(queue.InvalidAnswers) as refused:
        submit(world, asks_why, answers={"preference": answers["preference"]})
    assert refused.value.errors == {"reason": {"path": "", "message": "This question needs an answer."}}
    assert submit(world, asks_why, answers={"preference": TIE}).answers == {"preference": TIE}


def test_a_question_that_is_not_asked_must_not_be_answered(world, asks_why):
    answers = {**world.answers(asks_why.task), "preference": TIE}
    with pytest.raises(queue.InvalidAnswers, match="not tie, both_bad") as refused:
        submit(world, asks_why, answers=answers)
    assert set(refused.value.errors) == {"reason"}


@pytest.mark.parametrize("preference", [3, "tie", [], {"overall": "tie"}, {"overall": {"chosen": ["tie"]}}])
def test_a_broken_answer_is_refused_where_another_hangs_on_it(world, asks_why, preference):
    with pytest.raises(queue.InvalidAnswers) as refused:
        submit(world, asks_why, answers={"preference": preference})
    assert "preference" in refused.value.errors
