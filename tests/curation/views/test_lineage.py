"""Lineage and the difference of two versions, as pages show them and files keep them."""

import csv
import io

import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from annotate.access.models import Role
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from curation import lineage, services
from curation.models import DatasetVersion
from tests.curated import PIPELINE, curated_version, pool_pass, trained_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(world, settings, tmp_path):
    """A version, and one after it without the pairs on which people are divided."""
    settings.COMPARISONS_DIR = tmp_path
    old = curated_version(world)
    text = PIPELINE.replace(
        "    least: 1\n", "    least: 1\n  - filter: consensus_threshold\n    min_probability: 0.9\n"
    )
    return old, services.curate(dataset=old.dataset, pipeline_yaml=text, user=world.owner)


def get(world, name, user=None, args=(), **query):
    return world.client(user or world.owner).get(reverse(name, args=[world.project.pk, *args]), query)


def test_a_version_hangs_on_its_parent_and_a_training_on_its_version(world, two):
    old, new = two
    trained_model(world)
    found = lineage.graph(world.project)
    assert ("answers", f"v{old.pk}") in found["edges"]
    assert (f"v{old.pk}", f"v{new.pk}") in found["edges"]
    run = next(node for node in found["nodes"] if node["kind"] == "training")
    assert any(run["id"] == b for _, b in found["edges"])
    assert {node["id"] for node in found["nodes"]} == {"answers"} | {part for edge in found["edges"] for part in edge}
    page = get(world, "lineage").content.decode()
    assert f'"url": "{reverse("version", args=[world.project.pk, new.pk])}"' in page


def test_what_a_pool_became_hangs_on_the_pool_and_not_on_answers(world):
    over = pool_pass(world)
    found = lineage.graph(world.project)
    assert found["edges"] == [(f"p{over.pool_id}", f"v{over.version_id}")]
    (pool, _) = found["nodes"]
    assert (pool["kind"], pool["url"]) == ("pool", reverse("pool", args=[world.project.pk, over.pool_id]))


def test_two_versions_are_compared_once_by_a_job(world, two):
    old, new = two
    assert "Not compared yet" in get(world, "difference").content.decode(), "the two newest are offered"
    for _ in range(2):
        answer = world.client(world.owner).post(
            reverse("compare_versions", args=[world.project.pk]), {"old": old.pk, "new": new.pk}
        )
        for job in Job.objects.filter(handler="compare_versions", state="queued"):
            jobs.run(job.pk)
    assert Job.objects.filter(handler="compare_versions").count() == 1
    shown = world.client(world.members[Role.VIEWER]).get(answer["Location"])
    assert shown.context["summary"]["rows"] == [sum(v.manifest["rows"].values()) for v in (old, new)]
    changed = sum(shown.context["summary"]["counts"].values())
    assert shown.context["page"].paginator.count == changed > 0
    assert "Total variation distance" in shown.content.decode()
    names = {row["filter"] for row in shown.context["page"]}
    one = next(iter(names))
    fewer = get(world, "difference", old=old.pk, new=new.pk, filter=one)
    assert {row["filter"] for row in fewer.context["page"]} == {one}

    text = b"".join(get(world, "download_difference", args=(old.pk, new.pk, "csv")).streaming_content).decode()
    lines = list(csv.DictReader(io.StringIO(text)))
    raw = b"".join(get(world, "download_difference", args=(old.pk, new.pk, "parquet")).streaming_content)
    assert {line["filter"] for line in lines if line["change"] == "removed"} == {"consensus_threshold"}
    assert len(lines) == pq.read_table(io.BytesIO(raw)).num_rows == changed
    assert {line["change"] for line in lines} <= {"added", "removed", "flipped", "reweighted", "changed"}


def test_the_same_by_api(world, two):
    old, new = two
    client, headers = world.client(None), world.token(world.owner)
    address = reverse("api-version-difference", args=[world.project.pk, new.pk, old.pk])
    refused = client.get(address, headers=headers)
    assert (refused.status_code, "POST" in refused.json()["detail"]) == (404, True)
    job = client.post(address, {}, headers=headers, content_type="application/json").json()
    jobs.run(job["id"])
    found = client.get(address, headers=headers).json()
    assert found["counts"]["removed"] > 0
    assert {row["property"] for row in found["shift"]} >= {"subset", "language"}


def test_what_is_not_there_is_not_found(world, two):
    old, new = two
    assert get(world, "difference", old=old.pk, new=10**6).status_code == 404
    assert get(world, "difference", old="x", new="y").status_code == 404
    assert get(world, "download_difference", args=(old.pk, new.pk, "csv")).status_code == 404
    post = reverse("compare_versions", args=[world.project.pk])
    for ids in ({}, {"old": old.pk, "new": 10**6}, {"old": "1 or 1", "new": new.pk}):
        assert world.client(world.owner).post(post, ids).status_code == 404


def test_without_versions_both_pages_say_so(world):
    assert not DatasetVersion.objects.exists()
    assert "No dataset yet" in get(world, "lineage").content.decode()
    assert "Nothing to compare" in get(world, "difference").content.decode()
