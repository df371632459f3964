"""How a campaign ends for each pair of the pool: exactly one fate, and a reason.

    hygiene          duplicate, contaminated
    people, silver   kept or relabelled; discarded where people could not decide
    the best model is sure of the label (p above a bound)
                     kept_sure, if the consistency rule agrees
    else models judge it
                     kept or relabelled, if the rule agrees with their label
    the rest         discarded, or recycled with the other label

Source: stage two of Skywork-Reward-V2, arXiv 2507.01352. Pure: knows no Django. Shapes: N pairs of the pool. A side is
1 (a is better), -1 (b is) or 0 (neither); `tiers.NOT_ASKED` where nobody was asked.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from curation.campaign.tiers import NOT_ASKED, chosen

FATES = {
    "kept": "Kept with its label.",
    "kept_sure": "Kept without a new label: the best model is sure of it.",
    "relabelled": "Kept with another label.",
    "recycled": "Would have been discarded; kept with the other label.",
    "discarded": "Discarded.",
    "duplicate": "The same pair stands before it.",
    "contaminated": "Shares a run of words with a benchmark.",
}
ALIVE = ("kept", "kept_sure", "relabelled", "recycled")
REASONS = {
    "duplicate": "The same history and responses stand before it.",
    "contaminated": "Shares a run of words with a prompt of a named benchmark.",
    "people": "People gave the label.",
    "undecided": "People could not decide it.",
    "silver": "Models gave the label in a round.",
    "sure": "The best model is sure of the label, and the consistency rule agrees.",
    "judged": "Models judged it, and the consistency rule agrees with their label.",
    "inconsistent": "The consistency rule does not agree with the label.",
    "no_judgement": "The best model doubts the label, and no model gave another.",
    "no_label": "The pool has no label for it, and nobody gave one.",
    "flipped": "The consistency rule does not agree with the label; it is recycled with the other one.",
}
RECYCLE = ("none", "consistent", "all")
# label, gold model, judges, best model -> whether the pair may stay; all sides, (T,)
Agrees = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Evidence:
    """What is known of N pairs when stage two ends.

    Attributes
    ----------
    out_N : "duplicate", "contaminated" or "".
    pool_N : side of the pool's own label.
    people_N, silver_N, judges_N : sides that people, models in the rounds, and models in stage two gave.
    best_N, gold_N : reward of a less that of b, by the best model and by the model of people's labels alone.
    """

    out_N: np.ndarray
    pool_N: np.ndarray
    people_N: np.ndarray
    silver_N: np.ndarray
    judges_N: np.ndarray
    best_N: np.ndarray
    gold_N: np.ndarray


@dataclass(frozen=True)
class Fates:
    """Fate and reason of each pair, and the side that its label names in the end (0 where it does not stay)."""

    fate_N: np.ndarray
    reason_N: np.ndarray
    side_N: np.ndarray

    @property
    def counts(self) -> dict[str, int]:
        """Pairs by fate, in the order of `FATES`, absent ones too; they sum to N."""
        counted = Counter(self.fate_N.tolist())
        return {fate: counted[fate] for fate in FATES}


def open_pairs(out_N: np.ndarray, people_N: np.ndarray, silver_N: np.ndarray) -> np.ndarray:
    """Mask of the pairs that stage two decides on: those nobody vouches for yet."""
    return (out_N == "") & (people_N == NOT_ASKED) & ~np.isin(silver_N, (-1, 1))


def doubted(pool_N: np.ndarray, best_N: np.ndarray, bound: float = 0.5) -> np.ndarray:
    """Mask of the pairs that need a new label: the best model gives theirs a probability of ``bound`` or less."""
    return ~(chosen(best_N, pool_N) > bound)


def settle(found: Evidence, agrees: Agrees, *, bound: float = 0.5, recycle: str = "none") -> Fates:
    """The fate of every pair.

    Parameters
    ----------
    agrees : the consistency rule.
    bound : probability above which the best model is sure.
    recycle : what becomes of pairs whose label the rule does not agree with. "none": they are discarded.
        "consistent": they stay with the other label where the rule agrees with that one. "all": with the other label.
    """
    if recycle not in RECYCLE:
        raise ValueError(f"There is no way {recycle!r} to recycle. Those that exist: {', '.join(RECYCLE)}.")
    count = len(found.out_N)
    fate_N, reason_N = np.full(count, "", dtype=object), np.full(count, "", dtype=object)
    side_N = np.zeros(count, np.int8)

    def put(mask_N: np.ndarray, fate: Any, reason: str, side: Any = 0) -> None:
        fate_N[mask_N] = fate if isinstance(fate, str) else fate[mask_N]
        reason_N[mask_N] = reason
        side_N[mask_N] = side if isinstance(side, int) else side[mask_N]

    def against_pool(label_N: np.ndarray) -> np.ndarray:
        return np.where(label_N == found.pool_N, "kept", "relabelled").astype(object)

    for reason in ("duplicate", "contaminated"):
        put(found.out_N == reason, reason, reason)
    alive_N = found.out_N == ""
    asked_N = alive_N & (found.people_N != NOT_ASKED)
    put(asked_N & (found.people_N == 0), "discarded", "undecided")
    put(asked_N & (found.people_N != 0), against_pool(found.people_N), "people", found.people_N)
    silver_N = alive_N & ~asked_N & np.isin(found.silver_N, (-1, 1))
    put(silver_N, against_pool(found.silver_N), "silver", found.silver_N)

    open_N = open_pairs(found.out_N, found.people_N, found.silver_N)
    judged_N = np.where(found.judges_N == NOT_ASKED, 0, found.judges_N)
    doubted_N = doubted(found.pool_N, found.best_N, bound)
    label_N = np.where(doubted_N & (judged_N != 0), judged_N, found.pool_N)
    gold_N, best_N = np.sign(found.gold_N), np.sign(found.best_N)
    stays_N = agrees(label_N, gold_N, judged_N, best_N) & (label_N != 0)
    # A doubted label that no model confirmed stands on nothing.
    bare_N = doubted_N & (judged_N == 0)
    stays_N &= ~bare_N
    put(open_N & stays_N & ~doubted_N, "kept_sure", "sure", label_N)
    put(open_N & stays_N & doubted_N, against_pool(label_N), "judged", label_N)
    lost_N = open_N & ~stays_N
    put(lost_N, "discarded", "inconsistent")
    put(lost_N & bare_N, "discarded", "no_judgement")
    put(lost_N & (label_N == 0), "discarded", "no_label")
    if recycle != "none":
        flipped_N = lost_N & (label_N != 0)
        if recycle == "consistent":
            flipped_N &= agrees(-label_N, gold_N, judged_N, best_N)
        put(flipped_N, "recycled", "flipped", -label_N)
    return Fates(fate_N, reason_N, side_N)
