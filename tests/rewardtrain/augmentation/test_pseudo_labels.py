"""Pairs that a first model is sure of, and a second agrees with."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rewardtrain import settings
from rewardtrain.augmentation import pseudo_labels
from rewardtrain.errors import DataError, RecipeError
from rewardtrain.recipe import Recipe
from rewardtrain.training import train


@pytest.fixture(scope="module")
def models(tiny_encoder: Path, version_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("models")
    recipe = Recipe(
        backbone=str(tiny_encoder), max_length=32, template="{prompt} {response}", tokens_per_step=256, epochs=4,
        lr=5e-3, precision="fp32",
    )  # fmt: skip
    for seed in (0, 1):
        train(version_folder, folder / str(seed), recipe.changed([f"seed={seed}"]))
    return [folder / str(seed) / "model" for seed in (0, 1)]


@pytest.fixture(scope="module")
def unlabelled(make_table: Callable[..., pa.Table], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("unlabelled") / "pairs.parquet"
    pq.write_table(make_table(12, 5, seed=9), path)
    return path


def added(table: pa.Table, source: Path, model: Path, **given: object) -> list[dict]:
    own = {"source": str(source), "model": str(model), **given}
    chosen = settings.complete(pseudo_labels.SETTINGS, own, "pseudo_labels")
    return pseudo_labels.augmented(table, chosen, seed=0).to_pylist()[len(table) :]


def test_the_surer_the_fewer_and_the_righter(
    models: list[Path], unlabelled: Path, make_table: Callable[..., pa.Table]
) -> None:
    table = make_table()
    some, fewer = (added(table, unlabelled, models[0], confidence=c) for c in (0.6, 0.9))
    assert 0 < len(fewer) < len(some)
    truth = {row["row_id"]: row["gold"] for row in make_table(12, 5, seed=9).to_pylist()}
    right = [truth[row["row_id"]] == ("a" if row["p_a"] > 0.5 else "b") for row in fewer]
    assert np.mean(right) > 0.85
    for row in fewer:
        assert max(row["p_a"], row["p_b"]) >= 0.9
        assert (row["weight"], row["n_votes"], row["gold"]) == (0.5, 0, None)


def test_a_second_model_must_agree(models: list[Path], unlabelled: Path, make_table: Callable[..., pa.Table]) -> None:
    alone = added(make_table(), unlabelled, models[0], confidence=0.8)
    both = added(make_table(), unlabelled, models[0], confidence=0.8, second=str(models[1]))
    assert {row["row_id"] for row in both} < {row["row_id"] for row in alone}


def test_labels_may_be_hard_and_known_pairs_are_left_out(
    models: list[Path], unlabelled: Path, make_table: Callable[..., pa.Table]
) -> None:
    found = added(make_table(), unlabelled, models[0], soft=False, confidence=0.7)
    assert {row["p_a"] for row in found} == {0.0, 1.0}
    assert added(make_table(12, 5, seed=9), unlabelled, models[0]) == []


def test_what_is_missing_is_named(make_table: Callable[..., pa.Table], tmp_path: Path) -> None:
    nothing = settings.complete(pseudo_labels.SETTINGS, {}, "pseudo_labels")
    with pytest.raises(RecipeError, match="needs a source and a model"):
        pseudo_labels.augmented(make_table(), nothing, seed=0)
    with pytest.raises(DataError, match="does not exist"):
        added(make_table(), tmp_path / "nothing", tmp_path)
