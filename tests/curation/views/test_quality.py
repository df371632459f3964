"""The data-quality page: empty, computed, with links to the rows behind a plot for those who review."""

import html
import io
import json
import re
import uuid

import pytest
from django.core.management import call_command
from django.urls import reverse

from annotate import queue
from annotate.access.models import Role
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from curation.models import QualityReport
from curation.services import compute_quality
from tests.curated import curated_version
from tests.world import World

pytestmark = pytest.mark.django_db
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"&{{x}}"


def answer_again(world):
    """The owner changes their mind about the first task."""
    task = world.project.tasks.first()
    given = world.answers(task, place=1)
    queue.submit(task=task, rater=world.rater(world.owner), answers=given, submission=uuid.uuid4(), seconds=3)


def page(world, user, **query):
    return world.client(user).get(reverse("quality", args=[world.project.pk]), query)


def test_empty_then_computed_then_outdated(world):
    assert "No figures yet" in page(world, world.owner).content.decode()
    curated_version(world)
    world.client(world.owner).post(reverse("compute_quality", args=[world.project.pk]))
    jobs.run(Job.objects.get(handler="quality").pk)
    job = Job.objects.get(handler="quality")
    assert job.state == "done", job.error
    shown = page(world, world.owner).content.decode()
    assert "Drift over versions" in shown
    assert "have come in since" not in shown
    report = QualityReport.objects.get()
    assert compute_quality(project=world.project, question="preference") == report, "unchanged data compute nothing"
    answer_again(world)
    assert "have come in since" in page(world, world.owner).content.decode()
    newer = compute_quality(project=world.project, question="preference")
    assert newer.pk != report.pk
    assert newer.path.is_file()
    assert not report.path.exists(), "rows of a report that was replaced stay behind"


def test_points_lead_to_their_rows_for_reviewers_only(world):
    curated_version(world)
    compute_quality(project=world.project, question="preference")
    links = set(re.findall(r'"url": "(/[^"]*/quality/position/[^"]*)"', page(world, world.owner).content.decode()))
    assert links
    for link in links:
        answer = world.client(world.owner).get(json.loads(f'"{link}"'))
        assert reverse("task", args=[world.project.pk, world.project.tasks.first().pk]).rsplit("/", 2)[0] in (
            answer.content.decode()
        )
        assert "<h1>Votes of " in answer.content.decode()
    assert '"url": "/' not in page(world, world.members[Role.VIEWER]).content.decode()
    nothing = world.client(world.owner).get(reverse("quality_rows", args=[world.project.pk, "position"]), {"cell": "?"})
    assert "No pairs" in nothing.content.decode()
    for plot, query in (("magic", {}), ("position", {"question": "magic"}), ("position", {"dimension": "magic"})):
        answer = world.client(world.owner).get(reverse("quality_rows", args=[world.project.pk, plot]), query)
        assert answer.status_code == 404


def test_by_api_and_by_command(world):
    curated_version(world)
    call = {"headers": world.token(world.owner), "content_type": "application/json"}
    address = reverse("api-quality-list", args=[world.project.pk])
    client = world.client(None)
    refused = client.post(address, {"question": "preference", "dimension": "x"}, **call)
    assert (refused.status_code, "none" in refused.content.decode()) == (400, True)
    assert client.post(address, {"question": "preference"}, **call).status_code == 202
    out = io.StringIO()
    call_command("quality", str(world.project.pk), "--json", stdout=out)
    printed = json.loads(out.getvalue())["plots"]
    listed = client.get(address, headers=world.token(world.owner)).json()["results"]
    assert [report["figures"] for report in listed] == [printed]
    assert printed["position"]["series"]["first shown"][0]["n"] > 0


def test_a_project_that_compares_nothing_says_so(world):
    from annotate.services import create_project

    rating = {"name": "good", "kind": "binary", "title": "Good?"}
    other = create_project(organisation=world.organisation, name="other", questions=[rating])
    answer = world.client(world.owner).get(reverse("quality", args=[other.pk]))
    assert "Nothing to compare" in answer.content.decode()


def test_hostile_texts_stay_texts(db):
    world = World(lambda words: f"{NASTY} {words}"[:100] if words not in ("user",) else words)
    curated_version(world)
    compute_quality(project=world.project, question="preference")
    client = world.client(world.owner)
    shown = client.get(reverse("quality", args=[world.project.pk])).content.decode()
    links = set(re.findall(r'"url": "(/[^"]*)"', shown))
    for text in (shown, *(client.get(html.unescape(link)).content.decode() for link in sorted(links)[:3])):
        assert "<script>alert" not in text
        assert "<img src=x" not in text
