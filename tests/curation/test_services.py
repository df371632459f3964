"""Stored figures, pipelines, versions and exports of a project, by services and as jobs."""

import pytest

from annotate import services as annotate_services
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.jobs.registry import JobError
from curation import browsing, selectors, services, tasks
from curation.models import AgreementReport, Consensus, ConsensusRun, Dataset, DatasetVersion
from tests.curated import PIPELINE, answer_everything, curated_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(world):
    answer_everything(world)
    return world


def run_job(world, handler, **params):
    job = jobs.enqueue(handler, organisation=world.organisation, project=world.project, title="job", **params)
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def test_agreement_is_stored_and_reused_until_somebody_answers(answered):
    world = answered
    report = services.compute_agreement(project=world.project, question="preference")
    assert report.figures["dimensions"][0]["n_raters"] == 2
    assert services.compute_agreement(project=world.project, question="preference") == report
    assert report.source == selectors.source_hash(world.project)
    world.add_items(1, start=50)
    world.answer(world.owner)
    assert report.source != selectors.source_hash(world.project)
    assert services.compute_agreement(project=world.project, question="preference") != report
    assert AgreementReport.objects.count() == 2


def test_a_changed_answer_is_another_source(world):
    import uuid

    from annotate import queue

    first = world.answer(world.owner)
    before = selectors.source_hash(world.project)
    queue.submit(
        task=first.task, rater=first.rater, answers=world.answers(first.task, 1), submission=uuid.uuid4(), seconds=1
    )
    assert selectors.source_hash(world.project) != before


@pytest.mark.parametrize("method", ["majority", "dawid_skene", "mace", "newman", "pooled"])
def test_consensus_is_a_distribution_over_every_unit(answered, method):
    (run,) = services.compute_consensus(project=answered.project, question="preference", method=method)
    assert run.units.count() == len(answered.items)
    for unit in run.units.all():
        assert sum(unit.probs) == pytest.approx(1, abs=1e-4)
        assert unit.winner == run.categories[unit.probs.index(max(unit.probs))]
        assert unit.n_votes == 2
    assert services.compute_consensus(project=answered.project, question="preference", method=method) == [run]


def test_a_new_estimate_takes_the_place_of_the_old(answered):
    services.compute_consensus(project=answered.project, question="preference", method="majority")
    answered.add_items(1, start=50)
    answered.answer(answered.owner)
    (new,) = services.compute_consensus(project=answered.project, question="preference", method="majority")
    assert list(ConsensusRun.objects.all()) == [new]
    assert new.units.count() == 7
    assert Consensus.objects.exclude(run=new).count() == 0


def test_consensus_without_answers_says_so(world):
    with pytest.raises(JobError, match="Nobody has answered"):
        services.compute_consensus(project=world.project, question="preference")


def test_gold_accuracy_counts_what_the_consensus_names(answered):
    (run,) = services.compute_consensus(project=answered.project, question="preference", method="majority")
    figures = selectors.gold_accuracy(run)
    right = sum(unit.winner == "b" for unit in run.units.all())  # gold of every item is its second response
    assert (figures["n"], figures["accuracy"]) == (6, pytest.approx(right / 6))
    assert figures["low"] <= figures["accuracy"] < figures["high"]


def test_a_plan_writes_nothing(answered, settings, tmp_path):
    settings.DATASETS_DIR = tmp_path / "none"
    _, result = services.plan(project=answered.project, pipeline_yaml=PIPELINE)
    assert result.summary[0]["rows_in"] == 6
    assert not DatasetVersion.objects.exists()
    assert not settings.DATASETS_DIR.exists()


def test_the_same_pipeline_on_the_same_answers_is_the_same_version(answered):
    dataset = Dataset.objects.create(project=answered.project, name="main")
    first = services.curate(dataset=dataset, pipeline_yaml=PIPELINE, user=answered.owner)
    assert services.curate(dataset=dataset, pipeline_yaml=PIPELINE + "\n# a remark\n") == first
    assert (first.number, dataset.versions.count()) == (1, 1)
    second = services.curate(dataset=dataset, pipeline_yaml=PIPELINE.replace("least: 1", "least: 2"))
    assert (second.number, second.hash != first.hash) == (2, True)
    assert second.manifest["lineage"]["parents"] == [first.hash]
    other = Dataset.objects.create(project=answered.project, name="other")
    assert services.curate(dataset=other, pipeline_yaml=PIPELINE).hash == first.hash


def test_a_version_is_never_changed(world):
    version = curated_version(world)
    version.pipeline = "other"
    with pytest.raises(TypeError):
        version.save()
    files = {path.name for path in version.path.rglob("*") if path.is_file()}
    assert {"manifest.json", "README.md", "trace-00000-of-00001.parquet", "train-00000-of-00001.parquet"} <= files


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stages: [{filter: magic}]", "minimum_votes"),  # lists those that exist
        ("consensus: {method: oracle}", "majority"),
        ("consensus: {question: colour}", "It has: preference, reason"),
        ("stages: [{filter: reward_model_disagreement, model: '99'}]", "There is no reward model '99'"),
        ("stages: [", "not YAML"),
        ("stages: [{filter: minimum_votes, least: 99}]", "no rows"),
    ],
)
def test_a_pipeline_that_cannot_run_says_why(answered, text, message):
    dataset = Dataset.objects.create(project=answered.project, name="main")
    with pytest.raises(JobError, match=message):
        services.curate(dataset=dataset, pipeline_yaml=text)
    assert not dataset.versions.exists()


def test_nothing_to_curate(world):
    with pytest.raises(JobError, match="No pair"):
        services.plan(project=world.project, pipeline_yaml="name: x")
    rubric = annotate_services.create_project(
        organisation=world.organisation, name="Notes", questions=[{"name": "why", "kind": "critique", "title": "Why?"}]
    )
    with pytest.raises(JobError, match="no question that compares"):
        services.plan(project=rubric, pipeline_yaml="name: x")


def test_browsing_pages_through_rows_and_trace(world):
    version = curated_version(world)
    rows = browsing.Rows(version)
    assert len(rows) == sum(version.manifest["rows"].values()) == 6
    assert [row["row_id"] for row in rows[0:4]] + [row["row_id"] for row in rows[4:100]] == [
        row["row_id"] for row in rows[:]
    ]
    for split, count in version.manifest["rows"].items():
        assert {row["split"] for row in browsing.Rows(version, split)[:]} == {split}
        assert len(browsing.Rows(version, split)) == count
    assert [row["prompt"] for row in browsing.Rows(version, search="QUESTION 3")[:]] == ["Question 3"]
    assert len(browsing.Rows(version, search="nowhere")) == 0
    assert len(browsing.Rows(version, "no such split")) == 0
    assert rows[5]["row_id"] == rows[:][-1]["row_id"]
    trace = browsing.Trace(version, row_id=rows[0]["row_id"])
    assert {line["row_id"] for line in trace[:]} == {rows[0]["row_id"]}
    assert len(browsing.Trace(version)) >= 6
    assert len(browsing.Trace(version, action="no such action")) == 0


def test_browsing_over_several_batches(world, monkeypatch):
    monkeypatch.setattr(browsing, "BATCH", 2)
    rows = browsing.Rows(curated_version(world))
    whole = [row["item"] for row in rows[:]]
    assert sorted(whole) == [f"item-{number}" for number in range(6)]
    assert [row["item"] for row in rows[1:4]] + [row["item"] for row in rows[4:]] == whole[1:]


# ---- jobs ----


def test_import_job(world, settings, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"prompt": "P", "response_a": "A", "response_b": "B"}\nbroken\n')
    job = run_job(world, tasks.import_items, source=str(tmp_path / "a.jsonl"), format="votes")
    assert (job.state, job.result["items"], job.result["rejected"]) == ("done", 1, 1)
    links = tasks.import_items.links(job)
    assert "rejected" in links[1]["title"]
    answer = world.client(world.owner).get(links[1]["url"])
    assert b"not JSON" in b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"format": "nonsense"}, "pandalm"),
        ({"format": "votes", "source": "/nowhere/at/all.jsonl"}, "cannot be opened"),
    ],
)
def test_an_import_that_cannot_begin_fails_with_a_sentence(world, tmp_path, params, message):
    (tmp_path / "a.jsonl").write_text("{}\n")
    job = run_job(world, tasks.import_items, **{"source": str(tmp_path / "a.jsonl"), **params})
    assert job.state == "failed"
    assert message in job.error


def test_figures_as_jobs(answered):
    job = run_job(answered, tasks.agreement, question="preference")
    assert (job.state, job.result) == ("done", {"report": AgreementReport.objects.get().pk})
    job = run_job(answered, tasks.consensus, question="preference", method="majority")
    assert (job.state, job.result) == ("done", {"runs": [ConsensusRun.objects.get().pk]})
    assert run_job(answered, tasks.consensus, question="reason", method="newman").state == "failed"


def test_preview_curate_and_export_as_jobs(answered):
    world = answered
    preview = run_job(world, tasks.preview, pipeline=PIPELINE, dataset="main")
    assert (preview.state, preview.result["summary"][-1]["rows_out"]) == ("done", 6)
    dataset = Dataset.objects.create(project=world.project, name="main")
    curated = run_job(world, tasks.curate, dataset=dataset.pk, pipeline=PIPELINE)
    assert curated.state == "done", curated.error
    export = run_job(world, tasks.export_dataset, version=curated.result["version"], format="trl")
    assert export.state == "done", export.error
    assert export.result["rows"] == 6
    wrong = run_job(
        world, tasks.export_dataset, version=curated.result["version"], format="trl", options={"style": "baroque"}
    )
    assert "style" in wrong.error
    unknown = run_job(world, tasks.export_dataset, version=curated.result["version"], format="pdf")
    assert "trl" in unknown.error
    assert Job.objects.filter(state="failed").exclude(result={}).count() == 0  # no traceback: each says it plainly
