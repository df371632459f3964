"""Putting an old version back to use, and getting back rows that a stage removed."""

import pytest
from django.urls import reverse

from annotate.access.models import AuditEvent, Role
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from curation import differences, restoring, services
from curation.models import DatasetVersion
from tests.curated import PIPELINE, curated_version

pytestmark = pytest.mark.django_db

STAGE = "  - filter: consensus_threshold\n    min_probability: 0.9\n"


@pytest.fixture
def two(world):
    """A version, and one after it without the pairs on which people are divided."""
    old = curated_version(world)
    text = PIPELINE.replace("    least: 1\n", f"    least: 1\n{STAGE}")
    return old, services.curate(dataset=old.dataset, pipeline_yaml=text, user=world.owner)


def used(version):
    return DatasetVersion.objects.get(pk=version.pk).dataset.used


def post(world, name, version, user=None):
    return world.client(user or world.owner).post(reverse(name, args=[world.project.pk, version.pk]))


def test_an_old_version_is_used_again_without_a_copy_and_the_audit_says_so(world, two):
    old, new = two
    assert used(old) == new
    files = sorted(old.path.parent.iterdir())
    for _ in range(2):
        restoring.restore(version=old, user=world.owner)
    assert used(new) == old
    assert old.dataset.versions.count() == 2
    assert sorted(old.path.parent.iterdir()) == files
    (event,) = AuditEvent.objects.filter(verb="version.restored")
    assert (event.actor, event.data["hash"], event.data["instead_of"]) == (world.owner, old.hash, new.hash)


def test_the_next_version_is_made_from_the_one_in_use_and_is_used_then(world, two):
    old, _ = two
    dataset = restoring.restore(version=old, user=world.owner)
    third = services.curate(dataset=dataset, pipeline_yaml=PIPELINE.replace("seed: 0", "seed: 7"))
    assert third.manifest["lineage"]["parents"] == [old.hash]
    assert used(old) == third


def test_rows_that_a_stage_removed_come_back_without_it_and_the_difference_says_why(world, two):
    old, new = two
    removed = differences.diff(old.path, new.path)
    back = services.curate(dataset=old.dataset, pipeline_yaml=PIPELINE)
    assert back == old, "without the stage the same answers are the version that there was"
    found = differences.diff(new.path, back.path)
    assert found.counts["added"] == removed.counts["removed"] > 0
    lost = {row["item"] for row in removed.rows.to_pylist() if row["change"] == "removed"}
    added = [row for row in found.rows.to_pylist() if row["change"] == "added"]
    assert {row["item"] for row in added} == lost
    assert {row["filter"] for row in added} == {"consensus_threshold"}
    assert all(row["reason"] for row in added)


def test_the_page_restores_and_says_which_version_is_in_use(world, two):
    old, new = two
    page = world.client(world.owner).get(reverse("version", args=[world.project.pk, old.pk])).content.decode()
    assert "Make this the newest again" in page
    client = world.client(world.owner)
    shown = client.post(reverse("restore_version", args=[world.project.pk, old.pk]), follow=True).content.decode()
    assert "is the version to use again" in shown
    assert "Make this the newest again" not in shown
    viewer = world.client(world.members[Role.VIEWER]).get(reverse("version", args=[world.project.pk, new.pk]))
    assert "Make this the newest again" not in viewer.content.decode()


def test_running_its_pipeline_again_is_a_new_version_where_answers_changed(world, two):
    old, _ = two
    world.add_items(2, start=50)
    world.answer(world.owner)
    post(world, "run_version_again", old)
    job = Job.objects.get(handler="curate")
    jobs.run(job.pk)
    job.refresh_from_db()
    made = DatasetVersion.objects.get(pk=job.result["version"])
    assert (made.number, made.pipeline) == (3, old.pipeline)
    assert sum(made.manifest["rows"].values()) == sum(old.manifest["rows"].values()) + 1


def test_the_same_by_api(world, two):
    old, new = two
    client, headers = world.client(None), world.token(world.owner)
    address = reverse("api-version-restore", args=[world.project.pk, old.pk])
    assert client.post(address, headers=headers).json() == {"dataset": "main", "version": old.pk}
    assert used(new) == old
    found = client.get(reverse("api-version-signature", args=[world.project.pk, old.pk]), headers=headers).json()
    assert (found["state"], found["text"]) == ("valid", "")
    page = world.client(world.owner)
    pem = page.get(reverse("version_public_key", args=[world.project.pk, old.pk])).content.decode()
    assert pem == found["public_key"]
    told = client.get(reverse("api-version-croissant", args=[world.project.pk, old.pk]), headers=headers).json()
    assert told["url"] == f"urn:sha256:{old.hash}"


def test_the_page_tells_a_bad_signature_and_gives_no_other_file(world, two):
    old, _ = two
    page = world.client(world.owner)
    address = reverse("version", args=[world.project.pk, old.pk])
    assert "valid" in page.get(address).content.decode()
    readme = old.path / "README.md"
    text = readme.read_text()
    readme.write_text("Other words.")
    shown = page.get(address).content.decode()
    readme.write_text(text)
    assert "Not as it was signed: README.md." in shown
    get = lambda name: page.get(reverse("version_file", args=[world.project.pk, old.pk, name]))  # noqa: E731
    assert b"".join(get("manifest.json").streaming_content) == (old.path / "manifest.json").read_bytes()
    assert get("trace").status_code == get("..").status_code == 404
