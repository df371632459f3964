"""Who vouches for a pair's label, and how much is fetched from the pool around a pair that the model gets wrong.

A pair of the pool is free until it is labelled: by people (gold) or by models (silver). What was asked and brought no
label is not asked again. Pure: knows no Django. Shapes: N pairs of the pool, T labelled ones, G of gold.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation import pairs

MOST = 8  # fetched around one pair of gold
# What a step of labelling found, by place in the pool; null probabilities: asked, and no label came of it.
LABELLED = pa.schema(
    [("place", pa.int64()), *((name, pa.float64()) for name in pairs.PROBABILITIES), ("votes", pa.list_(pairs.VOTE))]
)
GOLD, SILVER = "gold", "silver"
IN_VAIN = {GOLD: "undecided", SILVER: "unlabelled"}  # what those are that people, or models, could not label
NOT_ASKED = 2  # where a side is 1 (a), -1 (b) or 0 (neither)


def fetched(p_G: np.ndarray, most: int = MOST) -> np.ndarray:
    """How many pairs to fetch around each pair of gold.

    Parameters
    ----------
    p_G : the model's probability that people's choice is the better one, in [0, 1].

    Returns
    -------
    ``most`` where the model is wrong (p at most a half), else ceil(most (1 - p)), so none where it is certain.

    Source: Skywork-Reward-V2, arXiv 2507.01352, error-driven adaptive preference retrieval.
    """
    p_G = np.asarray(p_G, float)
    if np.isnan(p_G).any() or (p_G < 0).any() or (p_G > 1).any():
        raise ValueError("A probability is not in [0, 1].")
    # The product of a float and 8 is exact, so no rounding pushes it over a whole number.
    adaptive_G = np.ceil(most * (1 - p_G))
    return np.where(p_G <= 0.5, most, np.minimum(adaptive_G, most)).astype(np.int64)


def sides(probs_N4: np.ndarray) -> np.ndarray:
    """1 where a is likelier than anything else, -1 where b is, 0 where neither or nothing is known; int8, (N,)."""
    known_N4 = np.nan_to_num(probs_N4, nan=-1.0)
    a, b = OUTCOMES.index("a"), OUTCOMES.index("b")
    others_N = np.delete(known_N4, [a, b], axis=1).max(axis=1)
    best_N = known_N4[:, [a, b]].max(axis=1)
    clear_N = (known_N4[:, a] != known_N4[:, b]) & (best_N > others_N)
    return np.where(clear_N, np.where(known_N4[:, a] > known_N4[:, b], 1, -1), 0).astype(np.int8)


def chosen(margin_N: np.ndarray, side_N: np.ndarray) -> np.ndarray:
    """Bradley-Terry probability of the labelled side, σ(r_w - r_l); one half where no side is labelled."""
    return np.asarray(0.5 * (1 + np.tanh(side_N * margin_N / 2)))


@dataclass(frozen=True)
class Book:
    """What is known of the pool's N pairs.

    Attributes
    ----------
    out_N : "duplicate", "contaminated" or "": why hygiene took a pair out.
    tier_N : "gold", "silver", one of `IN_VAIN`, or "" (free).
    side_N : label of gold and silver: 1 where a is better, -1 where b; 0 else.
    round_N : when it was labelled, -1 where it was not.
    found : `LABELLED` of all that was asked.
    """

    out_N: np.ndarray
    tier_N: np.ndarray
    side_N: np.ndarray
    round_N: np.ndarray
    found: pa.Table

    @classmethod
    def of(cls, out_N: np.ndarray) -> "Book":
        """The pool as hygiene left it."""
        count = len(out_N)
        return cls(
            out_N,
            np.full(count, "", dtype=object),
            np.zeros(count, np.int8),
            np.full(count, -1, np.int16),
            LABELLED.empty_table(),
        )

    @property
    def free_N(self) -> np.ndarray:
        """What may still be fetched."""
        return (self.out_N == "") & (self.tier_N == "")

    def places(self, tier: str) -> np.ndarray:
        """Places of a tier, in order."""
        return np.flatnonzero(self.tier_N == tier)

    def before(self, round_: int) -> "Book":
        """The book as it was when that round began."""
        later_N = self.round_N >= round_
        kept = ~later_N[self.found["place"].to_numpy()]
        return Book(
            self.out_N,
            np.where(later_N, "", self.tier_N),
            np.where(later_N, 0, self.side_N).astype(np.int8),
            np.where(later_N, -1, self.round_N).astype(np.int16),
            self.found.filter(pa.array(kept)),
        )

    def with_labels(self, found: pa.Table, tier: str, round_: int) -> "Book":
        """The book with labels written in.

        Raises
        ------
        ValueError
            If a pair is there twice, or is not free: nobody's label is ever replaced.
        """
        place_T = found["place"].to_numpy()
        if len(np.unique(place_T)) < len(place_T) or not self.free_N[place_T].all():
            raise ValueError("A pair is labelled that is not free.")
        side_T = sides(pairs.outcome_probs(found))
        tier_N, side_N, round_N = self.tier_N.copy(), self.side_N.copy(), self.round_N.copy()
        tier_N[place_T] = np.where(side_T != 0, tier, IN_VAIN[tier])
        side_N[place_T], round_N[place_T] = side_T, round_
        whole = pa.concat_tables([self.found, found.cast(LABELLED)])
        return replace(self, tier_N=tier_N, side_N=side_N, round_N=round_N, found=whole)


def labelled(table: pa.Table, side_T: np.ndarray) -> pa.Table:
    """Rows with certain labels: a where the side is 1, b where it is -1; rows without a side are left out."""
    side_T = np.asarray(side_T)
    columns = {"p_a": (side_T > 0).astype(float), "p_b": (side_T < 0).astype(float), "strength": side_T.astype(float)}
    nothing = np.zeros(len(side_T))
    columns |= {"p_tie": nothing, "p_both_bad": nothing, "margin": nothing}
    return pairs.with_columns(table, columns).filter(pa.array(side_T != 0))
