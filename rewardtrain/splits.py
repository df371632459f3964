"""The splits of a training: what is read, held out, told its criterion, augmented and turned into labels."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain import augmentation, data, labels
from rewardtrain.encoding import Encoder, encoder_for
from rewardtrain.errors import TrainingError
from rewardtrain.modeling import losses, penalties, vision
from rewardtrain.modeling.backbones import load_tokenizer
from rewardtrain.pictures import Media
from rewardtrain.recipe import Recipe


@dataclass(frozen=True)
class Splits:
    """Tables by split, as they were read, and the labels of those that are learnt from and validated on.

    Attributes
    ----------
    kind : which of `rewardtrain.labels` they hold.
    tables : train, and validation and test where there are such.
    sets : train, and validation where there is one. What the train split holds fixes what names mean in both.
    """

    kind: labels.Kind
    tables: dict[str, pa.Table]
    sets: dict[str, labels.LabelSet]

    @property
    def reports(self) -> dict[str, Any]:
        """What each set counted."""
        return {split: found.report for split, found in self.sets.items()}


def read(source: str | Path, recipe: Recipe, encoder: Encoder) -> Splits:
    """Read a dataset version's folder or a file as a recipe asks.

    Raises
    ------
    LabError
        For data that cannot be read, and splits that hold nothing to learn from.
    """
    kind = labels.get(losses.get(recipe.loss).LABELS)
    tables = _tables(source, recipe, kind)
    if encoder.media:
        tables = {split: data.with_media(table, encoder.media, split) for split, table in tables.items()}
    train = [tables["train"], *_mixed(recipe, kind)]
    asked: tuple[str, ...] = getattr(losses.get(recipe.loss), "NEEDS", ())
    needs = sorted({*asked, *(need for name in recipe.penalties for need in penalties.get(name).NEEDS)})
    table = pa.concat_tables(train)
    for name, chosen in recipe.augmentation.items():
        table = augmentation.get(name).augmented(table, chosen, seed=recipe.seed)
    sets = {"train": kind.prepare(table, encoder, needs)}
    if recipe.bootstrap:
        sets["train"] = drawn(sets["train"], recipe.seed)
    if "validation" in tables:
        sets["validation"] = kind.prepare(tables["validation"], encoder, needs, sets["train"].facts)
    for split, found in sets.items():
        if not len(found):
            counts = ", ".join(f"{value} {key.replace('_', ' ')}" for key, value in found.report.items())
            raise TrainingError(f"The {split} split has no usable label: {counts}.")
    return Splits(kind, tables, sets)


def _mixed(recipe: Recipe, kind: labels.Kind) -> list[pa.Table]:
    """The train splits of the mixture, their weights multiplied."""
    found = []
    for name, factor in recipe.mixture.items():
        table = data.read_split(name, "train", kind.normalised)
        if table is None:
            raise TrainingError(f"{name}, which the recipe mixes in, has no train split.")
        table = data.with_context(table, criterion=recipe.criterion, reference=recipe.reference)
        at = table.column_names.index("weight")
        weight = pa.array(table["weight"].to_numpy() * factor, table.schema.field("weight").type)
        found.append(table.set_column(at, table.schema.field("weight"), weight))
    return found


def drawn(found: labels.LabelSet, seed: int) -> labels.LabelSet:
    """The labels, each as heavy as often as it was drawn, of as many draws as there are labels."""
    count_L = np.random.default_rng([seed, len(found)]).multinomial(len(found), np.full(len(found), 1 / len(found)))
    return replace(found, weight_L=found.weight_L * count_L)


def _tables(source: str | Path, recipe: Recipe, kind: labels.Kind) -> dict[str, pa.Table]:
    """The splits that there are; validation is held out of train where the data bring none."""
    read = {split: data.read_split(source, split, kind.normalised) for split in data.SPLITS}
    tables = {
        split: data.with_context(table, criterion=recipe.criterion, reference=recipe.reference)
        for split, table in read.items()
        if table is not None
    }
    if "train" not in tables:
        raise TrainingError(f"{source} has no train split. Give a dataset version's folder or a Parquet file.")
    if "validation" not in tables and recipe.holdout:
        train, held = data.hold_out(tables["train"], recipe.holdout, recipe.seed)
        if len(train) and len(held):
            tables |= {"train": train, "validation": held}
    if not len(tables["train"]):
        raise TrainingError("The train split is empty. Let the pipeline keep more rows, or give train a larger share.")
    if "validation" in tables and not len(tables["validation"]):
        if recipe.patience:
            raise TrainingError(
                "The validation split is empty, so there is nothing to stop early by. "
                "Give validation a share in the pipeline's split, or set patience=0."
            )
        del tables["validation"]
    return tables


def encoder_of(recipe: Recipe, media: Media) -> Encoder:
    """What puts prompts and responses together as a recipe says."""
    images = {name: getattr(recipe, name) for name in vision.SETTINGS}
    tokenizer = load_tokenizer(recipe.backbone)
    return encoder_for(tokenizer, recipe.template, recipe.max_length, images=images, media=media)
