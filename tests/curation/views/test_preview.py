"""The preview: what each stage would do, rows that it would touch, and stages that are switched off and on again."""

import uuid

import pytest
import yaml
from django.urls import reverse

from annotate import queue
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.media.models import MediaFile
from annotate.models import Task
from curation import differences, pipeline, services, versions
from curation.models import Dataset
from tests.curated import answer_everything
from tests.world import World

pytestmark = pytest.mark.django_db
PLAN = """\
consensus: {method: majority, question: preference}
construct: [{by: mirrored}]
stages:
  - filter: toxicity
    words: [second 3]
    look_in: either
    action: drop
  - filter: length_gap
    max_ratio: 1.01
    action: review
"""
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def owner(world):
    answer_everything(world)
    return world.client(world.owner)


def url(name, world, *more):
    return reverse(name, args=[world.project.pk, *more])


def post(client, world, text=PLAN, **more):
    answer = client.post(url("new_version", world), {"dataset": "main", "pipeline": text, **more})
    job = Job.objects.order_by("-created_at").first()
    if answer.status_code == 302:
        jobs.run(job.pk)
        job.refresh_from_db()
    return answer, job


def test_shows_of_each_stage_what_it_decides_on_and_rows_that_it_would_touch(world, owner):
    answer, _ = post(owner, world, preview="1")
    page = owner.get(answer["Location"])
    shown = page.content.decode()
    _, mirrored, toxic, gap = page.context["stages"]
    assert (mirrored["switchable"], toxic["place"], gap["place"]) == (False, 0, 1)
    assert {row["action"] for row in mirrored["examples"]} == {"construct"}
    assert toxic["chart"]["rows"]
    dropped = [row for row in toxic["examples"] if row["item"] == "item-3"]
    assert dropped[0]["why"] == "A response holds words of the list."
    assert (dropped[0]["action"], dropped[0]["b"], dropped[0]["after"]) == ("drop", "second 3", "")
    assert all(row["action"] == "review" for row in gap["examples"])
    task = Task.objects.get(project=world.project, item__external_id="item-3")
    assert url("task", world, task.pk) in shown
    assert "A response holds words of the list." in shown


def test_one_click_switches_a_stage_off_and_another_on_again(world, owner):
    answer, _ = post(owner, world, switch="0")
    page = owner.get(answer["Location"])
    assert [stage["off"] for stage in page.context["stages"]] == [False, False, True, False]
    assert "Switched off" in page.content.decode()
    off = page.context["form"].initial["pipeline"]
    assert yaml.safe_load(off)["stages"][0]["off"] is True
    answer, _ = post(owner, world, text=off, switch="0")
    page = owner.get(answer["Location"])
    assert [stage["off"] for stage in page.context["stages"]] == [False] * 4
    assert pipeline.parse(page.context["form"].initial["pipeline"]) == pipeline.parse(PLAN)
    for wrong in ("2", "-1", "x"):
        assert post(owner, world, switch=wrong)[0].status_code == 404


def test_a_stage_that_is_switched_off_gives_its_rows_back(world, owner):
    """The old version keeps what it dropped, the next one has the rows again, and their difference says so."""
    plan = "stages: [{filter: toxicity, words: [second 3], look_in: either, action: drop}]"
    dataset = Dataset.objects.create(project=world.project, name="main")
    first = services.curate(dataset=dataset, pipeline_yaml=plan)
    second = services.curate(dataset=dataset, pipeline_yaml=pipeline.switched(plan, 0))
    counts = [sum(version.manifest["rows"].values()) for version in (first, second)]
    assert counts == [5, 6]
    found = differences.diff(first.path, second.path)
    assert found.counts["added"] == 1
    assert found.reasons[0] == {"change": "added", "filter": "toxicity", "reason": "toxic_winner", "rows": 1}
    without = services.curate(dataset=dataset, pipeline_yaml="stages: []")
    assert without == second, "switched off is as if it were not there"
    assert services.curate(dataset=dataset, pipeline_yaml=pipeline.switched(pipeline.switched(plan, 0), 0)) == first


def test_hostile_texts_stay_texts(db):
    world = World(lambda words: f"{NASTY} {words}"[:100] if words != "user" else words)
    answer_everything(world)
    client = world.client(world.owner)
    plan = "stages: [{filter: length_gap, max_ratio: 1, action: review}, {filter: minimum_votes, least: 9}]"
    answer, _ = post(client, world, text=plan, preview="1")
    shown = client.get(answer["Location"])
    assert any(stage["examples"] for stage in shown.context["stages"])
    assert "<script>alert" not in shown.content.decode()
    assert "<img src=x" not in shown.content.decode()


def test_corrupted_pictures_are_stored_with_the_version_and_not_by_a_preview(world, owner):
    plan = """
construct: [{by: image_corruptions, share: 1, rules: [noise, occlusion]}, {by: degraded, share: 1}]
split: {fractions: {train: 1}}
"""
    before = MediaFile.objects.count()
    shown = services.preview(project=world.project, pipeline_yaml=plan)
    assert shown["summary"][1]["rows_out"] > shown["summary"][1]["rows_in"]
    assert MediaFile.objects.count() == before
    dataset = Dataset.objects.create(project=world.project, name="main")
    version = services.curate(dataset=dataset, pipeline_yaml=plan)
    assert MediaFile.objects.count() > before
    rows = versions.read(version.path)
    names = {name for side in "ab" for media in rows[f"media_{side}"].to_pylist() for name in media}
    stored = {file.ref for file in MediaFile.objects.filter(organisation=world.organisation)}
    assert len(names) > 1
    assert names <= stored


def test_pairs_of_a_project_that_compares_nothing(world):
    asked = [{"name": "good", "kind": "binary", "title": "Good?", "settings": {}}]
    project = world.make_project("Verdicts", asked, overlap=1)
    world.add_items(4, project)
    while (lease := world.lease(world.owner, project)) is not None:
        (key,) = lease.task.responses
        first = lease.task.item.responses.get(index=0).key
        answers = {"good": {key: "good" if key == first else "bad"}}
        queue.submit(task=lease.task, rater=lease.rater, answers=answers, submission=uuid.uuid4(), seconds=1)
    dataset = Dataset.objects.create(project=project, name="main")
    version = services.curate(dataset=dataset, pipeline_yaml="construct: [{by: verdicts, evaluate: true}]")
    rows = versions.read(version.path).to_pylist()
    assert sorted(row["item"] for row in rows) == [f"item-{n}" for n in range(4)]
    assert all((row["response_a"] if row["p_a"] else row["response_b"]).startswith("first") for row in rows)
    page = world.client(world.owner).get(reverse("new_version", args=[project.pk])).content.decode()
    assert "verdicts" in page
