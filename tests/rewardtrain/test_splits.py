"""What a training reads: criterion, augmentation, mixture."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation import pairs
from rewardtrain import data, splits
from rewardtrain.errors import LabError
from rewardtrain.pictures import Media
from rewardtrain.recipe import Recipe
from rewardtrain.training import train


@pytest.fixture(scope="module")
def recipe(tiny_encoder: Path) -> Recipe:
    return Recipe(
        backbone=str(tiny_encoder), max_length=32, template="{prompt} {response}", tokens_per_step=256, epochs=6,
        lr=5e-3, precision="fp32", checkpoint_every=5, log_every=3,
    )  # fmt: skip


def test_a_criterion_makes_one_model_judge_by_it(
    recipe: Recipe, tmp_path: Path, make_table: Callable[..., pa.Table]
) -> None:
    """The same pair under two criteria, with opposite labels."""
    for split, prompts, seed in (("train", 24, 1), ("test", 8, 3)):
        rows = make_table(prompts, 4, seed).to_pylist()
        turned = [
            {**row, "p_a": row["p_b"], "p_b": row["p_a"], "gold": {"a": "b", "b": "a"}.get(row["gold"], "tie")}
            for row in rows
        ]
        both = [{**row, "dimension": "one"} for row in rows] + [{**row, "dimension": "two"} for row in turned]
        pq.write_table(pa.Table.from_pylist(both, schema=pairs.SCHEMA), tmp_path / f"{split}.parquet")
    by_criterion = train(
        tmp_path,
        tmp_path / "run",
        recipe.changed(["criterion=dimension", "head=mlp", "tuning=full", "epochs=40", "lr=0.01"]),
    )
    without = train(tmp_path, tmp_path / "without", recipe)
    assert without["evaluations"]["test"]["accuracy"]["value"] < 0.6
    assert by_criterion["evaluations"]["test"]["accuracy"]["value"] > 0.75


def test_an_augmentation_adds_rows_to_the_train_split_alone(
    recipe: Recipe, version_folder: Path, tmp_path: Path
) -> None:
    more = train(version_folder, tmp_path, recipe.changed(["augmentation.off_prompt.share=0.2", "epochs=1"]))
    assert more["data"]["train"]["rows"] > 144
    assert more["data"]["validation"]["rows"] == 36


def test_a_mixture_adds_to_the_train_split_by_its_weight(
    recipe: Recipe, version_folder: Path, make_table: Callable[..., pa.Table], tmp_path: Path
) -> None:
    other = tmp_path / "other.parquet"
    pq.write_table(make_table(5, 4, seed=8), other)
    mixed = recipe.changed(["epochs=1", f'mixture={{"{other}": 0.25}}'])
    parts = splits.read(version_folder, mixed, splits.encoder_of(mixed, Media(None)))
    weights_L = parts.sets["train"].weight_L
    assert sorted(set(weights_L.tolist())) == [0.25, 1.0]
    assert (weights_L == 0.25).sum() == parts.reports["train"]["pairs"] - 144
    assert parts.reports["validation"]["rows"] == 36
    assert data.content_hash(version_folder, other) != data.content_hash(version_folder)
    with pytest.raises(LabError, match="does not exist"):
        splits.read(
            version_folder, recipe.changed(["mixture={nowhere.parquet: 1}"]), splits.encoder_of(recipe, Media(None))
        )
