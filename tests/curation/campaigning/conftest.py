"""A project with a version of doubtful labels on real debates, and people who answer through the real queue."""

import uuid

import numpy as np
import pytest

from annotate import queue
from annotate.access.models import Role
from curation import pipeline, services, versions
from curation.models import Dataset
from curation.ports import Models, register
from tests.curation.campaign.conftest import Fits, debates, features  # noqa: F401  (a fixture)

PLAN = """\
name: debates
seed: 3
rounds: 2
seed_pairs: {people: 30, models: 60}
per_round: {people: 8, models: 30}
budget: {people: 46}
similar_by: pair
"""


@pytest.fixture
def small_models():
    """Models that fit in milliseconds, in place of the lab's."""
    from curation import ports
    from rewardtrain.ports import models_of

    fit = Fits()
    register(lambda organisation: Models(fit=fit, embed=features))
    yield fit
    register(models_of)
    assert ports.models_of(0).fit is not fit


@pytest.fixture
def make_doubtful(world, settings, tmp_path, debates):  # noqa: F811
    """``make_doubtful(rows)``: (project, version with a third of the labels flipped, true side by both texts)."""
    settings.CAMPAIGNS_DIR, settings.DATASETS_DIR = tmp_path / "campaigns", tmp_path / "datasets"
    settings.BENCHMARKS_DIR = tmp_path / "benchmarks"
    settings.JOB_HEARTBEAT_SECONDS = 300  # the test's transaction holds the database

    def make(rows):
        project = world.make_project("Debates", overlap=1)
        table, truth = debates[0].slice(0, rows), debates[1][:rows]
        wanted = pipeline.from_dict({"name": "pool", "consensus": {"method": "none"}})
        written = versions.write(pipeline.run(table, wanted), wanted, settings.DATASETS_DIR)
        dataset = Dataset.objects.create(project=project, name="pool")
        version = services.keep_version(dataset=dataset, written=written, pipeline_yaml=wanted.to_yaml())
        texts = zip(table["response_a"].to_pylist(), table["response_b"].to_pylist(), strict=True)
        return project, version, dict(zip(texts, truth.tolist(), strict=True))

    return make


@pytest.fixture
def doubtful(make_doubtful):
    return make_doubtful(300)


@pytest.fixture
def few_doubtful(make_doubtful):
    return make_doubtful(110)


def answer_all(world, project, side, user=None, most=1000):
    """People answer what is in the queue, first things first; returns how many answers that were."""
    rater = world.rater(user or world.members[Role.ANNOTATOR])
    done = 0
    while done < most and (lease := queue.lease_next(project=project, rater=rater)) is not None:
        texts = {response.key: response.text for response in lease.task.item.responses.all()}
        a, b = lease.task.responses
        better = a if side[texts[a], texts[b]] > 0 else b
        answers = {"preference": {"overall": {"chosen": better, "strength": 1}}}
        queue.submit(task=lease.task, rater=rater, answers=answers, submission=uuid.uuid4(), seconds=3.0)
        done += 1
    return done


def share_right(version, side):
    """Share of a version's labels that are what the crowd said."""
    table = versions.read(version.path)
    got = np.sign(table["p_a"].to_numpy() - table["p_b"].to_numpy())
    texts = zip(table["response_a"].to_pylist(), table["response_b"].to_pylist(), strict=True)
    return float(np.mean([sign == side[pair] for sign, pair in zip(got, texts, strict=True)]))
