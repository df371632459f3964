# ruff: noqa: E402 - Django is set up first
"""The queue under siege: 16 real processes answer tasks, are killed, abandon, come late, send twice.

    python worker_for_tests.py OVERLAP SEED     # on the database that the settings name; prints one JSON object

Leases last a second here instead of minutes. The parent forks the raters, kills some of them with
SIGKILL in mid-work and starts others in their place, and looks at the invariant all the while.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connections
from django.db.models import Count, F, Q
from django.utils import timezone

from annotate import queue, services
from annotate.access.models import User
from annotate.access.services import create_organisation
from annotate.models import Annotation, Lease, Project, Rater, Task

RATERS = 16
TASKS = 40
LEASE_SECONDS = 1.0
DEADLINE_SECONDS = 90
QUESTION = {"name": "preference", "kind": "pairwise", "title": "Which?"}

queue._expiry = lambda project: timezone.now() + timedelta(seconds=LEASE_SECONDS)


def seed(overlap: int) -> tuple[Project, list[Rater]]:
    organisation = create_organisation(name="siege")
    project = services.create_project(
        organisation=organisation, name=f"overlap {overlap}", questions=[QUESTION], overlap=overlap
    )
    pair = (services.NewResponse(text="one"), services.NewResponse(text="two"))
    prompt = [{"role": "user", "content": "?"}]
    items = [services.NewItem(external_id=str(n), prompt=prompt, responses=pair) for n in range(TASKS)]
    services.add_items(project=project, items=items)
    users = [User.objects.create_user(f"r{n}-{uuid.uuid4().hex[:6]}@siege.example", None) for n in range(RATERS)]
    return project, [services.person_rater(organisation=organisation, user=user) for user in users]


def rate(project: Project, rater: Rater, log: Path, chance: random.Random, abandons: bool) -> None:
    """Answer until every task is finished; what the server took is written down, synced, before going on."""
    out = log.open("a")
    while Task.objects.filter(project=project, answered__lt=F("overlap")).exists():
        lease = queue.lease_next(project=project, rater=rater)
        if lease is None:
            time.sleep(0.05)
            continue
        fate = 0.1 if abandons else chance.random()
        abandons = False
        if fate < 0.06:
            queue.skip(task=lease.task, rater=rater, reason="siege")
            continue
        if fate < 0.16:
            time.sleep(LEASE_SECONDS * 1.3)  # abandoned, or answered late
            if fate < 0.11:
                continue
        else:
            time.sleep(chance.random() * 0.03)
        submission = uuid.uuid4()
        answers = {"preference": {"overall": {"chosen": lease.shown[0], "strength": 1}}}
        for _ in range(2 if fate > 0.9 else 1):
            queue.submit(task=lease.task, rater=rater, answers=answers, submission=submission, seconds=1)
        out.write(f"{submission}\n")
        out.flush()


def breaches(project: Project) -> list[str]:
    """Tasks with more live leases and counted answers than their overlap, from one snapshot of the database."""
    rows = Task.objects.filter(project=project).annotate(
        live=Count("leases", filter=Q(leases__end=""), distinct=True),
        counted=Count(
            "annotations", filter=Q(annotations__is_current=True, annotations__status="counted"), distinct=True
        ),
    )
    return [
        f"task {task.pk}: {task.live} leases, {task.counted} answers, taken {task.taken}, answered {task.answered}"
        for task in rows
        if task.live + task.counted > task.overlap
        or task.live + task.counted != task.taken
        or task.counted != task.answered
    ]


def start(project: Project, rater: Rater, log: Path, seed_: int, abandons: bool = False) -> int:
    """Process of a rater; one who ``abandons`` walks away from the first task, so that some lease runs out for sure."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            rate(project, rater, log, random.Random(seed_), abandons)
            code = 0
        finally:
            os._exit(code)
    return pid


def main(overlap: int, seed_: int) -> None:
    chance = random.Random(seed_)
    project, raters = seed(overlap)
    log = Path(tempfile.mkdtemp()) / "submissions"
    living = {start(project, rater, log, seed_ * 1000 + n, n % 4 == 0): rater for n, rater in enumerate(raters)}
    killed, failed, looks, found = 0, [], 0, []
    until = time.monotonic() + DEADLINE_SECONDS
    while living and time.monotonic() < until:
        time.sleep(0.05)
        found += breaches(project)
        looks += 1
        if killed < 24 and chance.random() < 0.5:
            os.kill(chance.choice(list(living)), signal.SIGKILL)
        while living:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            rater = living.pop(pid)
            if os.WIFSIGNALED(status):
                killed += 1
                living[start(project, rater, log, chance.randrange(10**9), rater in raters[::4])] = rater
            elif status:
                failed.append(rater.name)
    for pid in living:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    found += breaches(project)
    kept = {str(pk) for pk in Annotation.objects.filter(task__project=project).values_list("submission", flat=True)}
    sent = log.read_text().split()
    current = Annotation.objects.filter(task__project=project, is_current=True)
    result = {
        "finished": Task.objects.filter(project=project, answered=F("overlap")).count(),
        "tasks": TASKS,
        "breaches": sorted(set(found)),
        "looks": looks,
        "killed": killed,
        "failed": failed,
        "left_running": len(living),
        "sent": len(sent),
        "lost": sorted(set(sent) - kept),
        "twice": len(sent) - len(set(sent)),
        "counted": current.filter(status="counted").count(),
        "late": current.filter(status="late").count(),
        "expired": Lease.objects.filter(task__project=project, end="expired").count(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
