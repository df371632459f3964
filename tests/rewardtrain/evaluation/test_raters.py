"""A few pairs place a rater whose taste is the opposite of the others'."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation import pairs
from rewardtrain.errors import DataError, RewardModelError
from rewardtrain.evaluation import raters
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer
from rewardtrain.training import train


class Sign:
    """Placed by the mean sign of what a rater said of longer responses."""

    def score(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.array([float(len(response)) for response in responses])

    def probabilities(self, delta_P: np.ndarray) -> np.ndarray:
        return np.column_stack([delta_P > 0, delta_P == 0, delta_P < 0]).astype(float)

    def place(self, prompts: list[str], a: list[str], b: list[str], target_P3: np.ndarray) -> np.ndarray:
        longer = np.sign([len(one) - len(other) for one, other in zip(a, b, strict=True)])
        return np.array([np.sign((longer * (target_P3[:, 0] - target_P3[:, 2])).sum())])

    def score_for(self, prompts: list[str], responses: list[str], vector: np.ndarray) -> np.ndarray:
        return self.score(prompts, responses) * vector[0]


def test_who_wants_the_opposite_is_judged_as_they_judge() -> None:
    figures = raters.evaluate(raters.example(), Sign())
    assert figures["accuracy"]["value"] == 1
    assert figures["baselines"]["everyone"]["value"] == pytest.approx(2 / 3)
    assert figures["baselines"]["everyone"]["difference"]["value"] == pytest.approx(1 / 3)
    assert figures["raters"] == 3
    assert {subset["name"] for subset in figures["subsets"]} <= {"agrees least", "agrees middling", "agrees most"}


def test_a_model_for_all_alike_is_refused_and_too_few_votes_are_said() -> None:
    class Alike:
        score, probabilities = Sign.score, Sign.probabilities

    with pytest.raises(DataError, match="no difference between raters"):
        raters.evaluate(raters.example(), Alike())
    with pytest.raises(DataError, match="more than 4 votes"):
        raters.evaluate(raters.example().slice(0, 4), Sign())


@pytest.fixture(scope="module")
def two_tastes(make_table: Callable[..., pa.Table], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half of the raters want good words, half bad ones; the test split's raters are others than the train split's."""
    folder = tmp_path_factory.mktemp("tastes")
    rng = np.random.default_rng(0)
    for split, prompts, seed in (("train", 40, 1), ("test", 12, 3)):
        rows = []
        for row in make_table(prompts, 4, seed).to_pylist():
            if row["gold"] == "tie":
                continue
            said = []
            for rater in rng.choice(12, 6, replace=False):
                turned = {"a": "b", "b": "a"}[row["gold"]] if rater % 2 else row["gold"]
                said.append({"rater": f"{split}-{rater}", "outcome": turned})
            rows.append({**row, "votes": said, "p_a": 0.5, "p_b": 0.5})
        pq.write_table(pa.Table.from_pylist(rows, schema=pairs.SCHEMA), folder / f"{split}.parquet")
    return folder


def test_a_trained_model_places_newcomers(two_tastes: Path, tiny_encoder: Path, tmp_path: Path) -> None:
    recipe = Recipe(
        backbone=str(tiny_encoder), max_length=32, template="{prompt} {response}", tokens_per_step=256, epochs=20,
        lr=5e-3, precision="fp32", loss="ideal_point",
    )  # fmt: skip
    train(two_tastes, tmp_path, recipe)
    scorer = Scorer(tmp_path / "model", device="cpu")
    figures = raters.evaluate(raters.read(two_tastes, "test"), scorer)
    assert figures["accuracy"]["value"] > 0.7
    assert figures["baselines"]["everyone"]["difference"]["low"] > 0.1


def test_a_plain_model_places_nobody(tiny_encoder: Path, version_folder: Path, tmp_path: Path) -> None:
    recipe = Recipe(backbone=str(tiny_encoder), max_length=32, tuning="head", template="{response}")
    train(version_folder, tmp_path, recipe)
    with pytest.raises(RewardModelError, match="no difference between raters"):
        Scorer(tmp_path / "model", device="cpu").place(["why"], ["good"], ["bad"], np.eye(3)[:1])
