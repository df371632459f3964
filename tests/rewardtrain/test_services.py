"""Runs in the app: trained by a supervised subprocess, cancelled, failed, killed and resumed; the model as a rater."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from annotate import presets
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.jobs.registry import Cancelled, JobError
from annotate.models import Annotation, Rater
from annotate.services import create_project
from curation.importing import import_items
from curation.models import Dataset
from curation.services import compute_agreement, curate
from rewardtrain import selectors, services, supervision, tasks
from rewardtrain.models import RewardModel, Run
from tests.curated import curated_version, trained_model, write_votes

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db
PIPELINE = "consensus: {method: majority}\nsplit: {fractions: {train: 0.7, validation: 0.1, test: 0.2}}\n"


@pytest.fixture(autouse=True)
def own_runs(settings, tmp_path):
    """Primary keys come again in every test, so folders must not."""
    settings.RUNS_DIR = tmp_path / "runs"


@pytest.fixture
def version(world, tmp_path):
    project = create_project(
        organisation=world.organisation, name="Votes", questions=presets.get("plain").QUESTIONS, overlap=1
    )
    source = write_votes(tmp_path / "votes.jsonl")
    import_items(project=project, source=source, format="votes", rejected_path=tmp_path / "rejected.csv")
    return curate(dataset=Dataset.objects.create(project=project, name="main"), pipeline_yaml=PIPELINE)


@pytest.fixture
def recipe(tiny_encoder):
    return {
        "backbone": str(tiny_encoder), "epochs": 2, "tokens_per_step": 128, "checkpoint_every": 3, "log_every": 1,
        "precision": "fp32", "max_length": 48, "device": "cpu",
    }  # fmt: skip


def run_of(version, recipe, **more):
    return services.create_run(version=version, name="a run", recipe={**recipe, **more})


def test_a_wrong_recipe_is_refused(world):
    with pytest.raises(ValidationError, match="epochs"):
        run_of(curated_version(world), {"epochs": 0})
    with pytest.raises(ValidationError, match="bradley_terry"):
        run_of(curated_version(world), {"loss": "none of them"})
    assert not Run.objects.exists()


def test_starting_twice_makes_one_job(world):
    run = services.create_run(version=curated_version(world), name="a run", user=world.owner)
    job = services.start(run=run)
    assert services.start(run=run) == job
    assert (job.handler, job.queue, job.params, job.project) == ("train_reward", "gpu", {"run": run.pk}, world.project)
    jobs.request_cancel(job=job)
    run.refresh_from_db()
    assert services.start(run=run) != job


def test_a_run_without_model_can_be_deleted(world):
    model = trained_model(world)
    with pytest.raises(ValidationError):
        services.delete_run(run=model.run)
    run = services.create_run(version=curated_version(world), name="other")
    run.folder.mkdir(parents=True)
    services.delete_run(run=run)
    assert not run.folder.exists()


@pytest.mark.slow
def test_the_whole_life_of_a_model(world, version, recipe):
    """Trained and evaluated as a job, then one more rater beside the others."""
    job = services.start(run=run_of(version, recipe))
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    model = RewardModel.objects.get(pk=job.result["model"])
    evaluation = model.evaluations.get(pk=job.result["evaluation"])
    assert evaluation.data == f"{version}, test"
    assert evaluation.figures["n"] > 0
    assert {"longer", "majority"} <= evaluation.figures["baselines"].keys()
    assert selectors.headline(model.run) == evaluation
    assert len(pq.read_table(evaluation.rows_path)) >= evaluation.figures["n"]
    assert "votes by 3 raters" in (model.folder / "MODEL_CARD.md").read_text()
    assert {"data", "train"} <= {event["kind"] for event in selectors.log(model.run)}
    assert selectors.data_report(model.run)["train"]
    assert json.loads((model.folder / "reward.json").read_text()) == model.card

    project = version.dataset.project
    before = list(project.tasks.order_by("pk").values_list("taken", "answered", "overlap"))
    scored = services.score_project(model=model, project=project)
    assert scored["tasks"] == project.tasks.count()
    own = Annotation.objects.filter(rater=model.rater)
    assert {row.status for row in own} == {"unasked"}
    assert model.rater.kind == Rater.Kind.REWARD_MODEL
    assert list(project.tasks.order_by("pk").values_list("taken", "answered", "overlap")) == before
    first = own.first()
    a, b = first.task.responses
    better = a if first.metadata["scores"][a] > first.metadata["scores"][b] else b
    assert first.answers["preference"]["overall"]["chosen"] == better
    assert services.score_project(model=model, project=project)["tasks"] == 0
    figures = compute_agreement(project=project, question="preference").figures
    assert model.rater.name in figures["dimensions"][0]["matrices"][0]["raters"]

    # and the page that shows all of it
    page = world.client(world.owner).get(f"/projects/{project.pk}/runs/{model.run_id}/").content.decode()
    assert "Longer wins" in page
    matrix = world.client(world.owner).get(f"/projects/{project.pk}/agreement/").content.decode()
    assert model.run.name in matrix


def test_what_comes_while_a_model_scores_is_left_for_the_next_time(world, monkeypatch):
    model = trained_model(world)

    def score(*, responses, **_):
        world.add_items(1, start=900)
        return np.arange(len(responses), dtype=float)

    monkeypatch.setattr(services, "score", score)
    before = world.project.tasks.count()
    assert services.score_project(model=model, project=world.project)["tasks"] == before
    monkeypatch.setattr(services, "score", lambda *, responses, **_: np.arange(len(responses), dtype=float))
    assert services.score_project(model=model, project=world.project)["tasks"] == 1


def test_a_model_answers_no_other_organisations_tasks(world):
    model = trained_model(world)
    theirs = create_project(organisation=world.elsewhere, name="Theirs", questions=presets.get("plain").QUESTIONS)
    with pytest.raises(JobError, match="another organisation"):
        services.score_project(model=model, project=theirs)


def test_a_pipeline_asks_only_its_own_organisations_models(world):
    from curation import ports

    model = trained_model(world)
    with pytest.raises(ports.PortNotRegistered, match="none yet"):
        ports.models_of(world.elsewhere.pk).score(str(model.pk), ["p"], ["r"])


@pytest.mark.slow
def test_a_failure_says_what_to_change(version, recipe, tmp_path):
    (tmp_path / "empty").mkdir()
    job = services.start(run=run_of(version, recipe, backbone=str(tmp_path / "empty")))
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "Traceback" not in job.error
    assert "empty" in job.error
    assert job.result == {}


@pytest.mark.slow
def test_a_cancelled_run_goes_on_from_its_checkpoint(version, recipe):
    run = run_of(version, recipe, epochs=200)

    def impatient(done, total=None, message=""):
        if done >= 6:
            raise Cancelled

    with pytest.raises(Cancelled):
        services.train(run=run, progress=impatient)
    stopped = max(event["step"] for event in selectors.log(run))
    assert list((run.folder / "checkpoints").iterdir())
    assert not (run.folder / "model" / "reward.json").exists()
    seen = []

    def patient(done, total=None, message=""):
        seen.append(done)
        if done > stopped + 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        services.train(run=run, progress=patient)
    steps = [event["step"] for event in selectors.log(run) if event["kind"] == "train"]
    assert steps == sorted(set(steps)), "no step is told twice"
    assert steps[0] <= 1
    assert steps[-1] > stopped


WORKER = "import django; django.setup(); from annotate.jobs import services; services.run({job!r})"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing(world, version, recipe, settings):
    """SIGKILL in mid-run: the training ends with its worker, the reaper sends the job again, the weights are equal."""
    undisturbed, disturbed = (run_of(version, recipe, epochs=12) for _ in range(2))
    services.train(run=undisturbed)
    job = services.start(run=disturbed)
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "DATA_DIR": str(settings.RUNS_DIR.parent),
    }
    # The version lies in the data folder of this process.
    (settings.RUNS_DIR.parent / "datasets").symlink_to(settings.DATASETS_DIR)
    worker = subprocess.Popen([sys.executable, "-c", WORKER.format(job=str(job.pk))], cwd=ROOT, env=env)
    deadline = time.monotonic() + 120
    while not (disturbed.folder / "checkpoints").is_dir() or not list((disturbed.folder / "checkpoints").iterdir()):
        assert worker.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert not (disturbed.folder / "metrics.json").exists(), "it was over before it was killed"
    silence = _settled(disturbed.folder / "progress.jsonl")
    assert silence, "the training went on without its worker"

    job.refresh_from_db()
    assert job.state == "running"
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))
    jobs.reap()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2), job.error
    weights = [(run.folder / "model" / "model.safetensors").read_bytes() for run in (undisturbed, disturbed)]
    assert weights[0] == weights[1]


def _settled(path: Path) -> bool:
    """Whether a file stops growing within some seconds."""
    for _ in range(20):
        size = path.stat().st_size
        time.sleep(0.5)
        if path.stat().st_size == size:
            return True
    return False


# ---- supervision ----


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_supervision_gives_the_message_of_the_error_file(tmp_path):
    error = tmp_path / "error.json"
    code = f"import json, sys; json.dump({{'message': 'Use less.'}}, open({str(error)!r}, 'w')); sys.exit(2)"
    with pytest.raises(JobError, match=r"^Use less\.$"):
        supervision.supervise(python(code), os.environ, error_file=error)


def test_supervision_gives_the_end_of_the_output_else(tmp_path):
    with pytest.raises(JobError, match="no such thing"):
        supervision.supervise(
            python("import sys; sys.exit('no such thing')"), os.environ, error_file=tmp_path / "error.json"
        )


def test_an_old_error_is_not_told_again(tmp_path):
    error = tmp_path / "error.json"
    error.write_text('{"message": "old"}')
    supervision.supervise(python("pass"), os.environ, error_file=error)
    assert not error.exists()


def test_a_killed_process_is_told_from_a_failed_one(tmp_path):
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    with pytest.raises(JobError, match="memory"):
        supervision.supervise(python(code), os.environ, error_file=tmp_path / "error.json")


def test_whatever_the_watcher_raises_ends_the_process(tmp_path):
    def watch():
        raise Cancelled

    code = f"import time; time.sleep(60); open({str(tmp_path / 'late')!r}, 'w')"
    start = time.monotonic()
    with pytest.raises(Cancelled):
        supervision.supervise(python(code), os.environ, error_file=tmp_path / "error.json", watch=watch)
    assert time.monotonic() - start < 20


def test_a_progress_file_is_read_as_it_grows(tmp_path):
    path = tmp_path / "progress.jsonl"
    log = supervision.ProgressFile(path)
    assert log.new() == []
    path.write_text('{"step": 1}\n{"st')
    assert log.new() == [{"step": 1}]
    path.write_text('{"step": 1}\n{"step": 2}\n')
    assert log.new() == [{"step": 2}]
    path.write_text('{"step": 1}\n')  # resumed from a checkpoint before
    assert log.new() == [{"step": 1}]


def test_evaluation_is_left_out_where_there_is_no_test_split(world, monkeypatch):
    model = trained_model(world)
    monkeypatch.setattr(services, "train", lambda **_: model)
    monkeypatch.setattr(services, "evaluate", lambda **_: pytest.fail("there is nothing to evaluate on"))
    version = model.run.version
    type(version).objects.filter(pk=version.pk).update(manifest={**version.manifest, "rows": {"train": 6}})
    assert tasks.train_reward.run(None, lambda *_: None, run=model.run_id) == {"model": model.pk}


def test_the_port_trains_on_a_version_once_and_only_on_its_own_organisations(world, version, recipe):
    from curation import ports

    train = ports.models_of(world.organisation.pk).train
    model = train(version.pk, recipe, "a campaign: round 1")
    assert RewardModel.objects.get(pk=model).run.version == version
    assert train(version.pk, recipe, "a campaign: round 1") == model
    assert Run.objects.count() == 1
    with pytest.raises(ports.PortNotRegistered, match=f"no dataset version {version.pk}"):
        ports.models_of(world.elsewhere.pk).train(version.pk, recipe, "x")
