"""A model tried on pasted texts, and the pairs that it learnt from."""

import json

import numpy as np
import pytest
from django.urls import reverse

from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from rewardtrain import nearest, ports, scorer, trying
from tests.curated import scoring_server, trained_model
from tests.world import World

pytestmark = pytest.mark.django_db
TWO = ["It is red. It is not blue.", "No."]


def url(world, name="try_model", *more):
    return reverse(name, args=[world.project.pk, trained_model(world).run_id, *more])


def post(world, **data):
    answer = world.client(world.owner).post(url(world), {"prompt": "Which?", "response": TWO, **data})
    assert answer.status_code == 200
    return answer.content.decode()


def test_rewards_order_probabilities_and_sentences(world, settings):
    settings.SCORER_URL = scoring_server([0.5, 1.5, 0.9, 0.2])
    found = trying.tried(trained_model(world), "Which?", TWO)
    assert [(row["number"], row["rank"], row["reward"]) for row in found["responses"]] == [(2, 1, 1.5), (1, 2, 0.5)]
    assert found["beats"][0] == [None, pytest.approx(1 / (1 + np.exp(-1)))]
    changes = [round(part["change"], 6) for part in found["responses"][1]["parts"]]
    assert changes == [-0.4, 0.3]
    text = post(world)
    assert "+0.300" in text
    assert "-0.400" in text
    assert "73 %" in text
    assert "tells no uncertainty of this model" in text


def test_what_a_server_tells_beside_the_rewards_is_shown(world, settings):
    answer = {
        "rewards": [0.5, 1.5, 0.9, 0.2], "deviation": [0.25, 0.125, 0, 0],
        "aspects": {"helpfulness": [1.0, 2.0, 0, 0], "tone": [3.0, 4.0, 0, 0]},
    }  # fmt: skip
    settings.SCORER_URL = scoring_server(json.dumps(answer))
    text = post(world)
    for words in ("± 0.250", "± 0.125", "helpfulness", "4.000"):
        assert words in text


@pytest.mark.parametrize(
    "answer",
    ["[]", '{"rewards": [1]}', '{"rewards": "abcd"}', '{"rewards": [1, 2, 3, 4], "aspects": [1]}', "no json", "{}"],
)
def test_a_server_that_says_something_else_is_away(world, settings, answer):
    settings.SCORER_URL = scoring_server(answer)
    text = post(world)
    assert 'role="alert"' in text
    assert "What moves the reward" not in text


def test_a_server_that_is_away_is_said_to_be_and_the_texts_stay(world, settings):
    settings.SCORER_URL = "http://127.0.0.1:9"
    text = post(world)
    assert scorer.AWAY.partition(";")[0] in text
    assert TWO[0] in text


def test_a_server_without_the_long_answer_is_asked_for_the_short_one(world, settings, monkeypatch):
    asked = []

    def ask(path, *_):
        asked.append(path)
        if path == "/v1/score":
            raise scorer.ScorerRefused("There is no /v1/score.", 404)
        return {"rewards": [1, 2]}

    monkeypatch.setattr(scorer, "_ask", ask)
    told = scorer.scores(model=trained_model(world), prompts=["p"] * 2, responses=["a", "b"])
    assert (told.rewards, told.deviation, told.aspects) == ([1, 2], None, {})
    assert asked == ["/v1/score", "/score"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"response": ["only one", " "]}, "at least two"),
        ({"response": ["x"] * 9}, "At most 8"),
        ({"response": ["x" * 20001, "y"]}, "20,000"),
        ({"prompt": ""}, "required"),
        ({"prompt": "x" * 20001}, "20000"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(world, data, said):
    assert said in post(world, **data)


def test_another_response_is_asked_for_without_losing_what_was_typed(world):
    text = post(world, more="1")
    assert text.count('name="response"') == 3
    assert TWO[0] in text
    assert 'role="alert"' not in text
    assert post(world, more="1", response=["x"] * 8).count('name="response"') == 8


def test_pasted_markup_is_shown_not_run(world, settings):
    settings.SCORER_URL = scoring_server([0.5, 0.2])
    text = post(world, response=["<script>alert(1)</script>", "<img src=x onerror=alert(2)>"])
    assert "<script>alert" not in text
    assert "<img src=x" not in text


# ---- the pairs that it learnt from ----


@pytest.fixture
def words_in_common(monkeypatch):
    """Vectors of the words in a text."""

    def embed(texts):
        counts = np.zeros((len(texts), 97))
        for row, text in enumerate(texts):
            for word in text.lower().split():
                counts[row, sum(map(ord, word)) % 97] += 1
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)

    monkeypatch.setattr(ports, "embed", embed)
    return embed


def test_the_nearest_pairs_are_found_by_a_job(world, settings, tmp_path, words_in_common):
    settings.DATA_DIR = tmp_path
    client = world.client(world.owner)
    text = client.post(url(world, "nearest_pairs"), {"prompt": "Question 1", "response": TWO}).content.decode()
    job = Job.objects.get(handler="nearest_pairs")
    assert url(world, "nearest_state", job.pk) in text
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    near = job.result["pairs"]
    assert near == sorted(near, key=lambda row: -row["similarity"])
    text = client.get(url(world, "nearest_state", job.pk)).content.decode()
    assert text.count('<article class="compared">') == len(near) > 0
    assert "first " in text


def test_a_wrong_request_starts_no_job(world):
    answer = world.client(world.owner).post(url(world, "nearest_pairs"), {"prompt": "p", "response": ["one"]})
    assert "at least two" in answer.content.decode()
    assert not Job.objects.filter(handler="nearest_pairs").exists()


def test_the_state_of_other_jobs_is_not_shown(world):
    other = Job.objects.create(
        organisation=world.organisation, project=world.project, handler="nearest_pairs", title="x", params={"model": 0}
    )
    assert world.client(world.owner).get(url(world, "nearest_state", other.pk)).status_code == 404


def test_a_failed_look_up_says_why(world):
    job = Job.objects.create(
        organisation=world.organisation, project=world.project, handler="nearest_pairs", title="x", state="failed",
        error="No encoder.", params={"model": trained_model(world).pk},
    )  # fmt: skip
    assert "No encoder." in world.client(world.owner).get(url(world, "nearest_state", job.pk)).content.decode()


def test_the_vectors_of_a_version_are_kept(world, tmp_path, words_in_common):
    version = trained_model(world).run.version
    kept, asked = tmp_path / "v.npy", []

    def embed(texts):
        asked.append(len(texts))
        return words_in_common(texts)

    first = nearest.nearest(version.path, "Question 1", ["first 1", "second"], embed=embed, kept=kept)
    second = nearest.nearest(version.path, "Question 1", ["first 1", "second"], embed=embed, kept=kept)
    assert [row["row_id"] for row in first] == [row["row_id"] for row in second]
    assert len(asked) == 3, "the version's texts were read once"
    best = first[0]
    row = next(row for row in nearest._rows(version.path) if row["row_id"] == best["row_id"])
    near = nearest._text(row["prompt"], row[f"response_{best['side']}"])
    asked_for = nearest._text("Question 1", ["first 1", "second"][best["response"]])
    vectors = words_in_common([near, asked_for])
    assert best["similarity"] == pytest.approx(vectors[0] @ vectors[1], abs=1e-3)


def test_a_version_without_a_train_split_gives_none(tmp_path, words_in_common):
    assert nearest.nearest(tmp_path, "p", ["a"], embed=words_in_common, kept=tmp_path / "v.npy") == []


def test_a_world_of_hostile_texts(db, settings, tmp_path, words_in_common):
    settings.MEDIA_ROOT = settings.DATA_DIR = tmp_path
    world = World(lambda words: f"{words[:20]}<script>alert(1)</script>"[:115] if len(words) < 60 else words)
    client = world.client(world.owner)
    client.post(url(world, "nearest_pairs"), {"prompt": "x", "response": TWO})
    job = Job.objects.get(handler="nearest_pairs")
    jobs.run(job.pk)
    text = client.get(url(world, "nearest_state", job.pk)).content.decode()
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text
