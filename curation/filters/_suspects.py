"""What is done with rows whose label somebody doubts: the same remedies for all filters that find such rows."""

from typing import Any

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation import pairs
from curation.filters import Action, Decisions

REMEDIES: tuple[Action, ...] = ("drop", "flip", "reweight", "review")


def decided(table: pa.Table) -> np.ndarray:
    """1 where a is the likeliest outcome, -1 where b is, NaN where there is no winner."""
    winner_N = pairs.winner(table)
    return np.select([winner_N == OUTCOMES[0], winner_N == OUTCOMES[1]], [1.0, -1.0], np.nan)


def lean(table: pa.Table) -> np.ndarray:
    """Probability of a less that of b, in [-1, 1]."""
    return np.asarray(table["p_a"].to_numpy() - table["p_b"].to_numpy())


def doubted(table: pa.Table, belief_N: np.ndarray, below: float, reason: str, action: Action, **more: Any) -> Decisions:
    """Act on rows whose winner is believed less than ``below``; rows without a belief (NaN) stay.

    Parameters
    ----------
    belief_N : probability of each row's winner, the scores; where the action is "reweight", weights are multiplied by
        it.
    """
    with np.errstate(invalid="ignore"):
        doubted_N = belief_N < below
    weight_N = np.round(table["weight"].to_numpy() * np.nan_to_num(np.clip(belief_N, 0, 1), nan=1.0), 6)
    action_N, reason_N = np.where(doubted_N, action, "keep"), np.where(doubted_N, reason, "")
    return Decisions(action_N, reason_N, weight_N=weight_N, score_N=belief_N, **more)
