"""Ensembles: members from their own seeds, one folder, one reward with its deviation, exact to resume."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rewardtrain import members
from rewardtrain.loop import Cancelled
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer, Scores
from rewardtrain.storage import Progress
from rewardtrain.training import train

PROMPTS, RESPONSES = ["why red", "why red", "why blue"], ["good good", "bad bad dull", "fine"]


@pytest.fixture(scope="module")
def recipe(tiny_encoder: Path) -> Recipe:
    return Recipe(
        backbone=str(tiny_encoder), max_length=32, template="{prompt} {response}", tokens_per_step=256, epochs=2,
        lr=5e-3, precision="fp32", log_every=3, ensemble=3, seed=7,
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(recipe: Recipe, version_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ensemble")
    train(version_folder, folder, recipe)
    return folder


def lines(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "progress.jsonl").read_text().splitlines()]


def test_the_reward_is_the_mean_and_the_deviation_the_spread(run: Path) -> None:
    scorer = Scorer(run / "model", device="cpu")
    scores = scorer.scores(PROMPTS, RESPONSES)
    alone = np.array(
        [Scorer(run / "model" / f"member-{at}", device="cpu").score(PROMPTS, RESPONSES) for at in range(3)]
    )
    np.testing.assert_allclose(scores.member_MN, alone)
    np.testing.assert_allclose(scorer.members(PROMPTS, RESPONSES), alone)
    np.testing.assert_allclose(scores.reward_N, alone.mean(axis=0))
    np.testing.assert_allclose(scores.deviation_N, alone.std(axis=0, ddof=1))
    assert (np.abs(alone[0] - alone[1]) > 1e-4).all()


def test_heads_on_one_untouched_backbone_read_the_same_vectors(
    recipe: Recipe, version_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(version_folder, tmp_path, recipe.changed(["tuning=head", "bootstrap=true"]))
    scorer = Scorer(tmp_path / "model", device="cpu")
    alone = [Scorer(tmp_path / "model" / f"member-{at}", device="cpu").score(PROMPTS, RESPONSES) for at in range(3)]
    for model in scorer.models[1:]:
        monkeypatch.setattr(model, "pooled", None)  # never asked
    np.testing.assert_allclose(scorer.members(PROMPTS, RESPONSES), alone, atol=1e-6)
    assert (scorer.scores(PROMPTS, RESPONSES).deviation_N > 1e-6).all()


def test_each_member_is_a_model_of_its_own_seed(run: Path, recipe: Recipe) -> None:
    card = json.loads((run / "model" / "reward.json").read_text())
    assert card["recipe"] == recipe.to_dict()
    for at, name in enumerate(card["members"]):
        own = json.loads((run / "model" / name / "reward.json").read_text())["recipe"]
        assert (own["seed"], own["ensemble"]) == (7 + at, 1)
    assert members.recipe_of(Recipe(seed=2**32 - 1), 1).seed == 0


def test_the_whole_is_measured_and_each_member(run: Path) -> None:
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["evaluations"]["test"]["accuracy"]["value"] > 0.7
    assert len(metrics["members"]) == 3
    assert not (run / "members").exists()


def test_progress_counts_on(run: Path) -> None:
    steps = [line["step"] for line in lines(run)]
    assert steps == sorted(steps)
    assert steps[-1] == lines(run)[-1]["steps_total"] == json.loads((run / "metrics.json").read_text())["steps"]
    assert {line["member"] for line in lines(run)} == {0, 1, 2}


def test_cancelled_in_the_second_it_goes_on_there_and_ends_the_same(
    run: Path, recipe: Recipe, version_folder: Path, tmp_path: Path
) -> None:
    def second() -> bool:
        return any(line.get("member") == 1 and line["step"] > 12 for line in lines(tmp_path))

    (tmp_path / "progress.jsonl").touch()
    with pytest.raises(Cancelled):
        train(version_folder, tmp_path, recipe, stop=second)
    train(version_folder, tmp_path, recipe)
    one, other = (Scorer(folder / "model", device="cpu").score(PROMPTS, RESPONSES) for folder in (run, tmp_path))
    np.testing.assert_array_equal(one, other)
    assert [line["step"] for line in lines(tmp_path) if line["kind"] == "train"] == [
        line["step"] for line in lines(run) if line["kind"] == "train"
    ]


def test_members_that_see_nothing_are_not_told_of_one_another(tmp_path: Path) -> None:
    mirror = members.Mirror(tmp_path / "progress.jsonl", 2)
    mirror.log("train", {"step": 4, "steps_total": 8})
    mirror.next(8)
    mirror.log("train", {"step": 1, "steps_total": 8})
    mirror.close()
    assert [(line["step"], line["steps_total"], line["member"]) for line in lines(tmp_path)] == [(4, 16, 0), (9, 16, 1)]
    Progress(tmp_path / "progress.jsonl", 4).close()
    assert len(lines(tmp_path)) == 1


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda scores: scores.bound(2.0), [1 - 2.0, 2.0]),
        (lambda scores: scores.penalised(), [1 - 0.5, 2.0]),
        (lambda scores: scores.worst(), [0.0, 2.0]),
    ],
)
def test_conservative_rewards(read: Callable[[Scores], np.ndarray], expected: list[float]) -> None:
    member_MN = np.array([[0.0, 2.0], [2.0, 2.0]])
    scores = Scores(member_MN.mean(axis=0), np.array([1.0, 0.0]), member_MN, (), np.zeros((2, 0)))
    np.testing.assert_allclose(read(scores), expected)


def test_a_model_alone_has_no_deviation_and_its_bound_is_its_reward() -> None:
    scores = Scores(np.array([1.0]), None, np.array([[1.0]]), (), np.zeros((1, 0)))
    assert scores.bound(2.0) == scores.penalised() == scores.worst() == [1.0]
