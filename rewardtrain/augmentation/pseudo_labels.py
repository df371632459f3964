"""Unlabelled pairs with the labels that a first reward model gives them, where it is sure, and a second agrees.

What the first model says is its probability at its own temperature; a pair is taken where the likelier side has at
least ``confidence``, and, where there is a second model, that one prefers the same side with at least half of it more
than chance. Always compare with the same recipe without them: pseudo-labels repeat the errors of their model.

SemiReward (arXiv 2310.03013: candidates scored and filtered by a second model), GRAM (arXiv 2506.14175), CAREVL.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from rewardtrain import data
from rewardtrain.errors import DataError, RecipeError
from rewardtrain.modeling.losses import setting, settings_of

TITLE = "Pseudo-labels"
SUMMARY = "Unlabelled pairs that a first reward model is sure of, filtered by a second (SemiReward)."
SETTINGS = settings_of(
    source=setting(
        "string",
        "",
        "Unlabelled pairs",
        "A dataset version's folder or a file; its labels are not read.",
        format="path",
    ),
    model=setting(
        "string", "", "First model", "The folder of a trained reward model, which labels them.", format="path"
    ),
    second=setting(
        "string", "", "Second model", "The folder of another, which must agree; empty: none.", format="path"
    ),
    confidence=setting(
        "number", 0.9, "Confidence", "Least probability of the likelier side.", exclusiveMinimum=0.5, maximum=1
    ),
    weight=setting("number", 0.5, "Weight", "Of such a row beside one of people.", exclusiveMinimum=0, maximum=1),
    soft=setting("boolean", True, "Soft", "Whether the label is the model's probability, or its winner."),
)


def augmented(table: pa.Table, settings: Mapping[str, Any], *, seed: int) -> pa.Table:
    """The table, then the pairs taken; those that are in the table already are left out.

    Raises
    ------
    RecipeError
        Where no source or model is named.
    DataError
        Where the source has no train split.
    """
    if not settings["source"] or not settings["model"]:
        if not len(table):
            return table
        raise RecipeError("The augmentation pseudo_labels needs a source and a model.", "augmentation")
    found = data.read_split(settings["source"], "train")
    if found is None:
        raise DataError(f"{settings['source']} has no train split to label.")
    known = set(table["row_id"].to_pylist())
    use_N = np.array([row not in known for row in found["row_id"].to_pylist()], dtype=bool)
    found = found.filter(pa.array(use_N))
    if not len(found):
        return table
    p_N = _probability(found, settings["model"])
    sure_N = np.maximum(p_N, 1 - p_N) >= settings["confidence"]
    if settings["second"]:
        other_N = _probability(found, settings["second"])
        least = 0.5 + (settings["confidence"] - 0.5) / 2
        sure_N &= ((p_N > 0.5) == (other_N > 0.5)) & (np.maximum(other_N, 1 - other_N) >= least)
    p_N = p_N if settings["soft"] else (p_N > 0.5).astype(float)
    count = len(found)
    labelled = pairs.with_columns(
        found,
        {
            "p_a": p_N, "p_tie": np.zeros(count), "p_b": 1 - p_N, "p_both_bad": np.zeros(count),
            "strength": 2 * p_N - 1, "margin": np.zeros(count), "weight": np.full(count, settings["weight"]),
            "n_votes": np.zeros(count, dtype=int), "gold": [None] * count,
        },
    )  # fmt: skip
    return pa.concat_tables([table, labelled.filter(pa.array(sure_N)).cast(table.schema)])


def _probability(table: pa.Table, folder: str) -> np.ndarray:
    """What a model gives a, of a and b, for each row."""
    from rewardtrain.scoring import Scorer

    scorer = Scorer(Path(folder))
    reward_a, reward_b = scorer.score_table(table)
    prob_N3 = scorer.probabilities(reward_a - reward_b)
    return np.asarray(prob_N3[:, 0] / (prob_N3[:, 0] + prob_N3[:, 2]))
