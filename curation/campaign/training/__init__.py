"""Training: models of what is labelled, and what they make of other pairs.

    predict(train, gold, others, settings, tools, name, model="") -> Predicted

``train`` and ``gold`` hold labels that are certain; ``gold`` is for choosing the checkpoint and is not learnt from,
None where all of it is learnt from. ``others`` are tables to predict on, looked at one after the other. ``name`` names
the model for good; ``model``, from an earlier `Predicted`, is used instead of training where it is given.
Contract beyond this: `curation.campaign`. Shapes: E checkpoints, G pairs of gold, N of the others.
"""

from dataclasses import dataclass

import numpy as np

from curation.campaign.tiers import chosen


@dataclass(frozen=True)
class Predicted:
    """Reward of a less that of b of each pair of gold and of the others; the checkpoint taken; the model, if kept."""

    gold_G: np.ndarray
    other_N: np.ndarray
    checkpoint: int = 0
    model: str = ""


def best_checkpoint(margin_EG: np.ndarray, side_G: np.ndarray) -> int:
    """The checkpoint that orders gold best; of several the one that is surest of it; the last without gold.

    Accuracy counts an undecided pair half. Of equal ones the earlier is taken.
    """
    moments, count = margin_EG.shape
    if not count:
        return moments - 1
    right_E = (np.sign(margin_EG) * side_G + 1).sum(axis=1) / 2
    loss_E = -np.log(np.clip(chosen(margin_EG, side_G), 1e-12, 1)).mean(axis=1)
    return int(np.lexsort((np.arange(moments), loss_E, -right_E))[0])
