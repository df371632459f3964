"""The reaper's command: one pass over jobs and leases."""

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from annotate.jobs.models import Job
from annotate.models import Task


def test_one_pass(world, monkeypatch):
    sent = []
    monkeypatch.setattr("annotate.jobs.tasks.run_job.apply_async", lambda args, **_: sent.append(args[0]))
    long_ago = timezone.now() - timedelta(minutes=5)
    Job.objects.filter(pk=world.job.pk).update(heartbeat_at=long_ago, created_at=long_ago, attempts=1)
    world.let_expire(world.held)
    call_command("reap")
    world.held.refresh_from_db()
    assert sent == [str(world.job.pk)]
    assert world.held.end == "expired"
    assert Task.objects.get(pk=world.held.task_id).taken == 0
