"""Two models or more on the same rows: paired differences, who is right where, and the pairs on which they differ.

Tables are what a suite's ``rows`` gave (`rewardtrain.evaluation.pairs.rows`), one a model. Pure.
Shapes: N rows that all models saw and that have a winner, M models, C groups, R resamples.

    >>> compare([table, table])                                        # doctest: +SKIP
    {"rows": 512, "left_out": 31, "against": "gold", "models": [...], "differences": [[...]], "confusion": [[...]]}
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from curation.pairs import IDENTITY
from rewardtrain.evaluation import _common
from rewardtrain.statistics import Z95, resampled_sums, wilson

MOST_DRAWN = 20_000  # groups; beyond them the normal interval is the bootstrap's to what is shown
BETTER = ("both", "first", "second", "neither")  # who is right
SORTS = ("apart", "first", "second")


@dataclass(frozen=True)
class Shared:
    """The rows that all models saw and that have a winner.

    Attributes
    ----------
    table : the first model's rows: what identifies them, and what people say.
    against : "gold" or "consensus", what the winner is by.
    winner_N : 1 where a wins, -1 where b does.
    toward_NM : reward difference toward the winner.
    p_NM : the model's probability of the winner, given that there is one.
    left_out : rows that all saw and that have no winner.
    """

    table: pa.Table
    against: str
    winner_N: np.ndarray
    toward_NM: np.ndarray
    p_NM: np.ndarray
    left_out: int

    @property
    def right_NM(self) -> np.ndarray:
        """1 where the winner has the higher reward, one half where rewards are equal, else 0."""
        return _common.half(self.toward_NM)


def shared(tables: Sequence[pa.Table]) -> Shared:
    """The rows that stand in every table, in the order of the first.

    A table without rows in common with the others gives none, which is no error.
    """
    names = [_names(table) for table in tables]
    places = [{name: place for place, name in enumerate(own)} for own in names]
    common = [name for name in dict.fromkeys(names[0]) if all(name in place for place in places[1:])]
    at_MN = np.array([[place[name] for name in common] for place in places], dtype=np.int64).reshape(len(tables), -1)
    taken = [table.take(pa.array(at_N)) for table, at_N in zip(tables, at_MN, strict=True)]
    winner_N, against = _common.gold(taken[0]), "gold"
    if not winner_N.any():
        winner_N, against = _common.consensus(taken[0])[0], "consensus"
    decided = pa.array(winner_N != 0)
    own = [table.filter(decided) for table in taken]
    left_out = len(winner_N) - int(np.count_nonzero(winner_N))
    winner_N = winner_N[winner_N != 0]
    toward_NM = np.column_stack(
        [(table["reward_a"].to_numpy() - table["reward_b"].to_numpy()) * winner_N for table in own]
    )
    p_NM = np.column_stack([np.where(winner_N > 0, table["p"].to_numpy(), 1 - table["p"].to_numpy()) for table in own])
    return Shared(own[0], against, winner_N, toward_NM, p_NM, left_out)


def _names(table: pa.Table) -> list[tuple[str, ...]]:
    """What makes each row the same row in two tables; of rows that are alike, the first is that of the other table."""
    found: list[tuple[str, ...]] = []
    seen: Counter[tuple[str, ...]] = Counter()
    for name in zip(*(table[column].fill_null("").to_pylist() for column in IDENTITY), strict=True):
        found.append((*name, str(seen[name])))
        seen[name] += 1
    return found


def compare(tables: Sequence[pa.Table], *, seed: int = 0) -> dict[str, Any]:
    """Figures of M models on the rows that all of them saw.

    Returns
    -------
    {"rows", "left_out", "groups", "against",
     "models": [{"value", "low", "high"}],                accuracy, by the resamples
     "longer": {"value", "low", "high"},                  what *longer wins* gets on the same rows, by Wilson's
     "differences": M x M of null or {"value", "low", "high", "told_apart"}: the row's model less the column's, paired,
                                                          resampled by group
     "confusion": M x M of null or {"both", "first", "second", "neither"}: rows; equal rewards are not right}
    With no row in common ``rows`` is 0 and the rest is missing.
    """
    found = shared(tables)
    count = len(found.winner_N)
    if not count:
        return {"rows": 0, "left_out": found.left_out, "against": found.against}
    right_NM, group_N = found.right_NM, np.array(found.table["group"].to_pylist())
    draw_RM = _draws(right_NM, group_N, seed)
    several = range(right_NM.shape[1])
    length_N = found.table["length_a"].to_numpy() - found.table["length_b"].to_numpy()
    longer = float(_common.half(length_N * found.winner_N).sum())

    def difference(i: int, j: int) -> dict[str, Any]:
        draw_R = None if draw_RM is None else draw_RM[:, i] - draw_RM[:, j]
        figures = _interval(right_NM[:, i] - right_NM[:, j], group_N, draw_R)
        return {**figures, "told_apart": bool(figures["low"] > 0 or figures["high"] < 0)}

    return {
        "rows": count,
        "left_out": found.left_out,
        "groups": len(np.unique(group_N)),
        "against": found.against,
        "models": [_interval(right_NM[:, i], group_N, None if draw_RM is None else draw_RM[:, i]) for i in several],
        "longer": wilson(longer, count),
        "differences": [[None if i == j else difference(i, j) for j in several] for i in several],
        "confusion": [[None if i == j else confusion(found, i, j) for j in several] for i in several],
    }


def confusion(found: Shared, first: int, second: int) -> dict[str, int]:
    """Rows by who of two models is right."""
    kind_N = who(found, first, second)
    return {name: int((kind_N == place).sum()) for place, name in enumerate(BETTER)}


def who(found: Shared, first: int, second: int) -> np.ndarray:
    """Place in `BETTER` of each row."""
    a_N, b_N = (found.toward_NM[:, place] > 0 for place in (first, second))
    return np.where(a_N & b_N, 0, np.where(a_N, 1, np.where(b_N, 2, 3)))


def cases(found: Shared, first: int, second: int, *, show: str = "", sort: str = "apart") -> np.ndarray:
    """Places of the rows to show of two models: those that differ most first, or those that one is most wrong on.

    ``show`` is one of `BETTER`, "" for all; ``sort`` one of `SORTS`.
    """
    p_a_N, p_b_N = found.p_NM[:, first], found.p_NM[:, second]
    key_N = {"apart": -np.abs(p_a_N - p_b_N), "first": p_a_N, "second": p_b_N}[sort]
    order_N = np.argsort(key_N, kind="stable")
    return order_N if not show else order_N[who(found, first, second)[order_N] == BETTER.index(show)]


def _draws(right_NM: np.ndarray, group_N: np.ndarray, seed: int) -> np.ndarray | None:
    """Resampled accuracies, (R, M), of the same draws for all models; None where there are too many groups to draw."""
    if len(np.unique(group_N)) > MOST_DRAWN:
        return None
    part_NK = np.column_stack([right_NM, np.ones(len(right_NM))])
    sum_RK = np.concatenate(list(resampled_sums(part_NK, group_N, seed=seed)))
    return np.asarray(sum_RK[:, :-1] / sum_RK[:, -1:])


def _interval(value_N: np.ndarray, group_N: np.ndarray, draw_R: np.ndarray | None) -> dict[str, float]:
    """A mean with its 95 % interval: percentiles of the draws, or the normal one over groups (Cochran 1977)."""
    value = float(value_N.mean())
    if draw_R is not None:
        low, high = np.percentile(draw_R, [2.5, 97.5])
        return {"value": value, "low": float(low), "high": float(high)}
    _, index_N = np.unique(group_N, return_inverse=True)
    residual_C = np.bincount(index_N, value_N) - value * np.bincount(index_N)
    half = Z95 * float(np.sqrt(residual_C @ residual_C)) / len(value_N)
    return {"value": value, "low": value - half, "high": value + half}
