"""Curation's pages: what they show, what they refuse, and that nothing typed by anybody becomes markup."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from curation import services
from curation.models import Dataset, DatasetVersion
from tests.curated import PIPELINE, answer_everything, curated_version, finished_export, pool_pass, trained_model
from tests.world import World

pytestmark = pytest.mark.django_db
PANELS = ("agreement", "consensus", "datasets", "reward_models")
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"&{{x}}"


@pytest.fixture
def owner(world):
    return world.client(world.owner)


def url(name, world, *more):
    return reverse(name, args=[world.project.pk, *more])


def do(job: Job) -> Job:
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def test_a_new_version_begins_with_the_pipeline_in_use_and_not_with_a_pools(world, owner):
    curated_version(world)
    pool_pass(world)
    initial = owner.get(url("new_version", world)).context["form"].initial
    assert (initial["dataset"], initial["pipeline"]) == ("main", PIPELINE)


def test_import_by_page(world, owner):
    page = owner.get(url("import", world)).content.decode()
    assert "hh_rlhf" in page
    row = {"prompt": "P", "response_a": "A", "response_b": "B"}
    file = SimpleUploadedFile("../../etc/votes.jsonl", json.dumps(row).encode() + b"\n{}\n")
    answer = owner.post(url("import", world), {"file": file, "format": "votes"})
    job = do(Job.objects.get(handler="import_items"))
    assert answer["Location"] == reverse("job", args=[job.pk])
    assert job.title == "Import votes.jsonl"
    assert (job.state, job.result["items"], job.result["rejected"]) == ("done", 1, 1)
    assert "1 rejected" in owner.get(url("import", world)).content.decode()
    shown = owner.get(reverse("job", args=[job.pk])).content.decode()
    assert "1 rejected row<" in shown
    assert "nothing was imported" not in shown
    listed = b"".join(owner.get(url("rejected", world, job.pk)).streaming_content).decode()
    assert listed.startswith("row,reason\r\n2,")


def test_an_import_that_rejects_every_row_ends_with_a_warning(world, owner):
    file = SimpleUploadedFile("votes.jsonl", b"{}\n{}\n")
    owner.post(url("import", world), {"file": file, "format": "votes"})
    job = do(Job.objects.get(handler="import_items"))
    shown = owner.get(reverse("job", args=[job.pk])).content.decode()
    assert "All 2 rows were rejected" in shown
    assert "badge good" not in shown
    assert url("rejected", world, job.pk) in shown
    assert "2 rejected rows" in shown
    assert "rejected: nothing was imported" in owner.get(url("jobs", world)).content.decode()


@pytest.mark.parametrize("data", [{"format": "votes"}, {"format": "nonsense", "hub": "a/b"}])
def test_an_import_form_that_is_wrong_stays(world, owner, data):
    answer = owner.post(url("import", world), data)
    assert answer.status_code == 200
    assert not Job.objects.exists()


def test_agreement_page_before_and_after(world, owner):
    page = url("agreement", world)
    assert "No figures yet" in owner.get(page).content.decode()
    answer_everything(world)
    assert owner.post(url("compute_agreement", world), {"question": "preference"}).status_code == 302
    assert (
        owner.post(url("compute_agreement", world), {"question": "preference", "method": "majority"}).status_code == 302
    )
    for job in Job.objects.all():
        assert do(job).state == "done", job.error
    shown = owner.get(page).content.decode()
    assert "Krippendorff" in shown
    tasks = reverse("tasks", args=[world.project.pk])
    assert f"{tasks}?raters=" in shown, "the matrix leads to the tasks where two differ"
    viewer = world.client(world.members["viewer"]).get(page).content.decode()
    assert "Krippendorff" in viewer
    assert f"{tasks}?rater" not in viewer, "a viewer may not open single answers"
    assert "Answers have come in since" not in shown
    world.add_items(1, start=90)
    world.answer(world.owner)
    assert "Answers have come in since" in owner.get(page).content.decode()
    assert owner.get(page, {"question": "reason"}).status_code == 200
    assert owner.get(page, {"question": "colour"}).status_code == 404
    assert owner.post(url("compute_agreement", world), {"question": "colour"}).status_code == 404


def test_the_links_of_the_matrix_find_the_tasks_where_two_differ(world, owner):
    from curation import figures

    answer_everything(world)
    report = services.compute_agreement(project=world.project, question="preference")
    (dimension,) = report.figures["dimensions"]
    page = figures.dimension_page(world.project, "preference", dimension, 0, {}, {Permission.REVIEW})
    chart = page["matrices"][0]
    row = chart["rows"][0]
    shown = owner.get(row[0]["url"])
    assert shown.status_code == 200
    assert shown.context["page"].paginator.count == sum(
        len({json.dumps(a.answers["preference"]["overall"]["chosen"]) for a in task.annotations.all()}) > 1
        for task in world.project.tasks.all()
    )


def test_preview_and_version_by_page(world, owner):
    answer_everything(world)
    assert "minimum_votes" in owner.get(url("new_version", world)).content.decode()
    answer = owner.post(url("new_version", world), {"dataset": "main", "pipeline": PIPELINE, "preview": "1"})
    job = do(Job.objects.get(handler="preview"))
    assert answer["Location"] == url("preview", world, job.pk)
    shown = owner.get(answer["Location"]).content.decode()
    assert "Nothing has been written" in shown
    assert "What each stage left" in shown
    assert not DatasetVersion.objects.exists()
    owner.post(url("new_version", world), {"dataset": "main", "pipeline": PIPELINE})
    assert do(Job.objects.get(handler="curate")).state == "done"
    version = DatasetVersion.objects.get()
    assert version.created_by == world.owner
    assert url("version", world, version.pk) in owner.get(url("datasets", world)).content.decode()


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("stages: [{filter: magic}]", "exact_duplicates"),
        ("a: [", "not YAML"),
        ("consensus: {method: oracle}", "majority"),
    ],
)
def test_a_pipeline_that_is_wrong_is_told_at_once(world, owner, pipeline, message):
    answer = owner.post(url("new_version", world), {"dataset": "main", "pipeline": pipeline})
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not Job.objects.exists()
    assert not Dataset.objects.exists()


def test_the_default_pipeline_runs(world, owner):
    answer_everything(world)
    text = owner.get(url("new_version", world)).context["form"].initial["pipeline"]
    _, result = services.plan(project=world.project, pipeline_yaml=text)
    assert result.summary[0]["rows_in"] == 6


def test_version_page_searches_and_pages(world, owner):
    version = curated_version(world)
    page = url("version", world, version.pk)
    assert "Question 3" in owner.get(page).content.decode()
    found = owner.get(page, {"q": "question 3"}).content.decode()
    assert "Question 3" in found
    assert "Question 2" not in found
    test = owner.get(page, {"split": "test"})
    assert test.context["page"].paginator.count == version.manifest["rows"]["test"]
    assert owner.get(page, {"split": "../../x", "page": "zzz"}).status_code == 200


def test_versions_of_other_projects_are_not_found(world, owner):
    version = curated_version(world)
    other = world.make_project("Other")
    assert owner.get(reverse("version", args=[other.pk, version.pk])).status_code == 404
    export = finished_export(world)
    assert owner.get(reverse("download_export", args=[other.pk, export.pk])).status_code == 404


def test_export_by_page(world, owner):
    version = curated_version(world)
    owner.post(url("export_version", world, version.pk), {"format": "trl"})
    job = do(Job.objects.get(handler="export_dataset"))
    assert job.state == "done", job.error
    assert "download" in owner.get(url("version", world, version.pk)).content.decode()
    for _ in range(2):
        answer = owner.get(url("download_export", world, job.pk))
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        assert sorted(archive.namelist()) == job.result["files"]
    assert owner.post(url("export_version", world, version.pk), {"format": "pdf"}).status_code == 404
    assert not [path for path in archive.namelist() if path.startswith("/") or ".." in path]


@pytest.mark.parametrize("name", PANELS)
def test_panels_empty_and_full(world, owner, name):
    page = reverse("panel", args=[world.project.pk, name])
    assert "No " in owner.get(page).content.decode()
    curated_version(world)
    services.compute_agreement(project=world.project, question="preference")
    services.compute_consensus(project=world.project, question="preference", method="majority")
    trained_model(world)
    full = owner.get(page)
    assert full.status_code == 200
    assert "No figures yet" not in full.content.decode()


def test_hostile_texts_stay_texts(db):
    world = World(lambda words: f"{NASTY} {words}"[:100] if words not in ("user",) else words)
    owner = world.client(world.owner)
    version = curated_version(world)
    services.compute_agreement(project=world.project, question="preference")
    services.compute_consensus(project=world.project, question="preference", method="majority")
    model = trained_model(world)
    pages = [
        url("agreement", world), url("datasets", world), url("version", world, version.pk),
        url("new_version", world),
        url("import", world), url("runs", world), url("run", world, model.run_id), url("run_live", world, model.run_id),
        *(reverse("panel", args=[world.project.pk, name]) for name in PANELS),
    ]  # fmt: skip
    for page in pages:
        answer = owner.get(page)
        assert answer.status_code == 200, page
        assert "<script>alert" not in answer.content.decode(), page
        assert "<img src=x" not in answer.content.decode(), page
