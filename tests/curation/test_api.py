"""The API of curation, as a program with a token sees it."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from curation.models import PoolShard
from tests.curated import PIPELINE, answer_everything, curated_version, rejected_import

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(world):
    """``api(verb, name, *args, data, user, scopes, **query)`` with a token."""

    def call(verb, name, *args, data=None, user=None, scopes=(), **query):
        body = {"data": json.dumps(data), "content_type": "application/json"} if isinstance(data, dict) else {}
        header = world.token(user or world.owner, *scopes)
        address = reverse(name, args=[world.project.pk, *args], query=query)
        return getattr(world.client(None), verb)(address, headers=header, **body)

    return call


def do(answer):
    assert answer.status_code == 202, answer.content
    jobs.run(answer.json()["id"])
    return Job.objects.get(pk=answer.json()["id"])


def test_import(world, api):
    header = world.token(world.owner)
    file = SimpleUploadedFile(
        "votes.jsonl", b'{"prompt": "P", "response_a": "A", "response_b": "B", "topic": "t"}\n{}\n'
    )
    answer = world.client(None).post(
        reverse("api-import-list", args=[world.project.pk]),
        {"file": file, "format": "votes", "group_by": "topic"},
        headers=header,
    )
    job = do(answer)
    assert (job.state, job.result["items"], job.result["rejected"]) == ("done", 1, 1)
    listed = api("get", "api-import-rejected", job.pk)
    assert b"2," in b"".join(listed.streaming_content)
    assert [row["id"] for row in api("get", "api-import-list").json()["results"]] == [str(job.pk)]


def test_shards_of_a_pool_keep_the_name_of_their_file(world):
    file = SimpleUploadedFile("my votes.jsonl", b'{"prompt": "P", "response_a": "A", "response_b": "B"}\n')
    answer = world.client(None).post(
        reverse("api-pool-list", args=[world.project.pk]),
        {"name": "wide", "file": file, "format": "votes"},
        headers=world.token(world.owner),
    )
    job = do(answer)
    assert (job.state, job.title) == ("done", "Import my votes.jsonl into wide")
    assert [shard.source for shard in PoolShard.objects.filter(pool__name="wide")] == ["my votes.jsonl"]


@pytest.mark.parametrize(
    ("data", "message"),
    [({"format": "nonsense", "hub": "a/b"}, "hh_rlhf"), ({"format": "votes"}, "either"), ({"hub": "a/b"}, "required")],
)
def test_imports_that_are_wrong(world, data, message):
    answer = world.client(None).post(
        reverse("api-import-list", args=[world.project.pk]), data, headers=world.token(world.owner)
    )
    assert answer.status_code == 400
    assert message in answer.content.decode()


def test_nothing_rejected_is_404(world, api):
    job = rejected_import(world)
    assert api("get", "api-import-rejected", job.pk).status_code == 200
    clean = Job.objects.create(organisation=world.organisation, project=world.project, handler="import_items")
    assert api("get", "api-import-rejected", clean.pk).status_code == 404


def test_agreement_and_consensus(world, api):
    answer_everything(world)
    do(api("post", "api-agreement-list", data={"question": "preference"}))
    report = api("get", "api-agreement-list", question="preference").json()["results"][0]
    assert report["figures"]["dimensions"][0]["n_raters"] == 2
    do(api("post", "api-consensus-list", data={"question": "preference", "method": "majority"}))
    (run,) = api("get", "api-consensus-list", method="majority").json()["results"]
    page = api("get", "api-consensus-units", run["id"], page_size=4).json()
    assert (page["count"], len(page["results"])) == (6, 4)
    assert page["results"] == sorted(page["results"], key=lambda unit: -unit["entropy"])
    certain = api("get", "api-consensus-units", run["id"], min_confidence=0.9).json()
    assert all(unit["confidence"] >= 0.9 for unit in certain["results"])
    item = api("get", "api-consensus-units", run["id"], item="item-3").json()
    assert [unit["item"] for unit in item["results"]] == ["item-3"]
    for name in ("api-agreement-list", "api-consensus-list"):
        wrong = api("post", name, data={"question": "colour"})
        assert wrong.status_code == 400
        assert "preference" in wrong.content.decode()
    unknown = api("post", "api-consensus-list", data={"question": "preference", "method": "oracle"})
    assert unknown.status_code == 400
    assert "majority" in unknown.content.decode()


def test_datasets_versions_and_exports(world, api):
    answer_everything(world)
    preview = do(api("post", "api-dataset-list", data={"pipeline": PIPELINE, "preview": True}))
    assert preview.result["summary"][0]["rows_in"] == 6
    assert api("get", "api-dataset-list").json()["count"] == 0
    do(api("post", "api-dataset-list", data={"pipeline": PIPELINE, "dataset": "trusted"}))
    (dataset,) = api("get", "api-dataset-list").json()["results"]
    assert dataset["name"] == "trusted"
    version = api("get", "api-version-detail", dataset["versions"][0]).json()
    assert sum(version["manifest"]["rows"].values()) == 6

    rows = api("get", "api-version-contents", version["id"], page_size=2).json()
    assert (rows["count"], len(rows["results"])) == (6, 2)
    assert api("get", "api-version-contents", version["id"], search="question 3").json()["count"] == 1
    assert (
        api("get", "api-version-contents", version["id"], split="test").json()["count"]
        == version["manifest"]["rows"]["test"]
    )
    one = rows["results"][0]
    trace = api("get", "api-version-trace", version["id"], row_id=one["row_id"]).json()["results"]
    assert {line["row_id"] for line in trace} == {one["row_id"]}
    assert trace[-1]["split"] == one["split"]
    assert api("get", "api-version-trace", version["id"], stage="x").status_code == 400

    export = do(api("post", "api-version-exports", version["id"], data={"format": "trl", "options": {"label": "soft"}}))
    assert export.state == "done", export.error
    archive = b"".join(api("get", "api-export-detail", export.pk).streaming_content)
    assert zipfile.ZipFile(io.BytesIO(archive)).namelist() == export.result["files"]
    wrong = api("post", "api-version-exports", version["id"], data={"format": "pdf"})
    assert wrong.status_code == 400
    assert "trl" in wrong.content.decode()


def test_a_pipeline_that_is_wrong(world, api):
    wrong = api("post", "api-dataset-list", data={"pipeline": "stages: [{filter: magic}]"})
    assert wrong.status_code == 400
    assert "stages/0/filter" in wrong.content.decode()
    assert "exact_duplicates" in wrong.content.decode()
    assert not Job.objects.exists()


def test_a_token_does_no_more_than_its_scopes(world, api):
    version = curated_version(world)
    assert api("get", "api-version-detail", version.pk, scopes=("view",)).status_code == 200
    post = {"data": {"question": "preference"}, "scopes": ("view",)}
    assert api("post", "api-agreement-list", **post).status_code == 403
    assert api("get", "api-version-detail", version.pk, scopes=("label",)).status_code == 403
    assert (
        api("post", "api-agreement-list", data={"question": "preference"}, user=world.members["viewer"]).status_code
        == 403
    )
