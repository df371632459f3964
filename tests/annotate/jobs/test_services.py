"""Jobs: run once, cancel, reap, and a fence against workers that lost theirs."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from annotate.jobs import registry, services
from annotate.jobs.models import Job, State


@pytest.fixture
def handler(monkeypatch):
    """Registers what a test wants done, under the name "errand"."""
    monkeypatch.setattr(registry, "HANDLERS", dict(registry.HANDLERS))
    monkeypatch.setattr(services, "HANDLERS", registry.HANDLERS)

    def register(run):
        return registry.job("errand")(run)

    return register


@pytest.fixture
def sent(monkeypatch):
    """Ids that went to the broker."""
    ids = []
    monkeypatch.setattr("annotate.jobs.tasks.run_job.apply_async", lambda args, **_: ids.append(args[0]))
    return ids


def enqueue(world, handler, **params):
    return services.enqueue(handler, organisation=world.organisation, project=world.project, title="Errand", **params)


def test_a_job_is_sent_after_the_commit_and_done(world, handler, sent, django_capture_on_commit_callbacks):
    errand = handler(lambda job, progress, *, times: {"sum": times * 2})
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(world, errand, times=21)
        assert sent == []
    assert sent == [str(job.pk)]
    services.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts, job.percent) == (State.DONE, {"sum": 42}, 1, 100.0)
    assert job.created_at <= job.started_at <= job.finished_at


def test_sent_twice_runs_once(world, handler):
    calls = []
    job = enqueue(world, handler(lambda job, progress: calls.append(job.pk)))
    services.run(job.pk)
    services.run(job.pk)
    assert calls == [job.pk]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_run_it_once(world, handler):
    calls = []

    def run(job, progress):
        calls.append(job.pk)
        time.sleep(0.2)

    job = enqueue(world, handler(run))
    from django.db import connection

    def work():
        services.run(job.pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(calls) == 1
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.DONE, 1)


def test_progress_is_written_and_bounded(world, handler):
    seen = []

    def run(job, progress):
        progress(1, 4, "one " * 200)
        seen.append(Job.objects.values("done", "total", "message").get(pk=job.pk))

    services.run(enqueue(world, handler(run)).pk)
    assert (seen[0]["done"], seen[0]["total"], len(seen[0]["message"])) == (1, 4, 300)


def test_reports_are_cheap(world, handler, django_assert_max_num_queries):
    def run(job, progress):
        for step in range(10_000):
            progress(step, 20_000, "working")

    job = enqueue(world, handler(run))
    with django_assert_max_num_queries(60):
        services.run(job.pk)


def test_a_failure_for_people_is_their_sentence(world, handler, caplog):
    def run(job, progress):
        raise registry.JobError("The file is empty; choose another.")

    job = enqueue(world, handler(run))
    services.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error, job.result) == (State.FAILED, "The file is empty; choose another.", {})


def test_a_fault_names_itself_and_keeps_its_traceback(world, handler):
    job = enqueue(world, handler(lambda job, progress: 1 / 0))
    services.run(job.pk)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert job.error == "ZeroDivisionError: division by zero"
    assert "1 / 0" in job.result["traceback"]


def test_a_job_that_this_worker_does_not_know(world):
    job = Job.objects.create(organisation=world.organisation, handler="future", title="?")
    services.run(job.pk)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "future" in job.error


def test_cancel_what_waits_at_once(world, handler):
    calls = []
    job = enqueue(world, handler(lambda job, progress: calls.append(1)))
    services.request_cancel(job=job)
    services.run(job.pk)
    job.refresh_from_db()
    assert (job.state, calls) == (State.CANCELLED, [])


def test_cancel_what_runs_at_its_next_report(world, handler):
    def run(job, progress):
        progress(1, 10)
        services.request_cancel(job=job)
        progress(2, 10, "next")
        raise AssertionError("went on")

    job = enqueue(world, handler(run))
    services.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == (State.CANCELLED, "Cancelled.")


def test_what_is_over_cannot_be_cancelled(world, handler):
    job = enqueue(world, handler(lambda job, progress: {"a": 1}))
    services.run(job.pk)
    services.request_cancel(job=job)
    job.refresh_from_db()
    assert (job.state, job.cancel_requested) == (State.DONE, False)


# ---- workers that die ----


def running(world, age, **values):
    job = Job.objects.create(organisation=world.organisation, handler="errand", title="Errand", state=State.RUNNING)
    beat = timezone.now() - timedelta(seconds=age)
    Job.objects.filter(pk=job.pk).update(**({"heartbeat_at": beat, "created_at": beat, "attempts": 1} | values))
    return job


def test_the_job_of_a_dead_worker_goes_to_another(world, sent):
    dead, living = running(world, 31), running(world, 5)
    assert services.reap() == 1
    dead.refresh_from_db()
    living.refresh_from_db()
    assert (dead.state, living.state, sent) == (State.QUEUED, State.RUNNING, [str(dead.pk)])
    assert services.reap() == 0, "not again at once"


def test_a_job_that_kills_its_workers_is_given_up(world, sent, settings):
    job = running(world, 31, attempts=settings.JOB_MAX_ATTEMPTS)
    services.reap()
    job.refresh_from_db()
    assert (job.state, sent) == (State.FAILED, [])
    assert "out of memory" in job.error


def test_the_job_of_a_dead_worker_that_was_to_stop_is_over(world, sent):
    job = running(world, 31, cancel_requested=True)
    services.reap()
    job.refresh_from_db()
    assert (job.state, sent) == (State.CANCELLED, [])


def test_what_the_broker_lost_is_sent_again(world, sent):
    job = Job.objects.create(organisation=world.organisation, handler="errand", title="Errand")
    assert services.reap() == 0, "it may be on its way"
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(seconds=3))
    assert services.reap() == 1
    assert services.reap() == 0
    Job.objects.filter(pk=job.pk).update(sent_at=timezone.now() - timedelta(seconds=121))
    assert services.reap() == 1
    assert sent == [str(job.pk)] * 2


def test_a_broker_that_is_away_is_no_error(world, handler, monkeypatch, django_capture_on_commit_callbacks):
    def refuse(**_):
        raise OSError("connection refused")

    monkeypatch.setattr("annotate.jobs.tasks.run_job.apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(world, handler(lambda job, progress: None))
    job.refresh_from_db()
    assert (job.state, job.sent_at) == (State.QUEUED, None), "so the reaper sends it soon"


@pytest.mark.parametrize("taken_by_another", [False, True])
def test_the_fence(world, handler, sent, taken_by_another):
    """A worker that slept through its own funeral can neither report nor finish."""

    def run(job, progress):
        Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=60))
        services.reap()
        if taken_by_another:
            Job.objects.filter(pk=job.pk).update(state=State.RUNNING, attempts=2, heartbeat_at=timezone.now())
        progress(9, 10, "a ghost")
        return {"by": "a ghost"}

    job = enqueue(world, handler(run))
    services.run(job.pk)
    job.refresh_from_db()
    assert job.state == (State.RUNNING if taken_by_another else State.QUEUED)
    assert job.result == {}
    assert "ghost" not in job.message


@pytest.mark.django_db(transaction=True)
def test_the_heart_beats_while_a_library_computes(world, handler, settings):
    settings.JOB_HEARTBEAT_SECONDS = 0.05
    beats = set()

    def run(job, progress):
        for _ in range(8):
            time.sleep(0.05)
            beats.add(Job.objects.values_list("heartbeat_at", flat=True).get(pk=job.pk))

    services.run(enqueue(world, handler(run)).pk)
    assert len(beats) >= 3
