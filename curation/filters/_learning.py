"""What the filters share that learn from the labels they judge. Shapes: N rows of the table, R rows learnt from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation import pairs
from curation.filters import Context, Decisions
from curation.noise import folds

LEAST = 20  # rows; from fewer nothing is learnt, and all are kept
FOLDS = 5

LEARNER: dict[str, Mapping[str, Any]] = {
    "mode": {"enum": ["head", "recipe"], "default": "head", "title": "Train a head (seconds) or a whole model"},
    "sees_prompt": {"type": "boolean", "default": False, "title": "The head sees the prompt too"},
    "recipe": {"type": "object", "default": {}, "title": "Settings of a whole training"},
}


def share_setting(title: str) -> dict[str, Any]:
    return {"type": "number", "minimum": 0, "maximum": 0.5, "default": 0.2, "title": title}


@dataclass(frozen=True)
class Lesson:
    """The rows of a table that say which of two different responses is better, in an order of their own.

    Attributes
    ----------
    rows_R : their places in the table. The order follows from what they hold, so what is learnt does not depend on
        the order of the table's rows.
    table : those rows.
    sign_R : 1 where the label says a, -1 where b.
    size : N.
    """

    rows_R: np.ndarray
    table: pa.Table
    sign_R: np.ndarray
    size: int

    @classmethod
    def of(cls, table: pa.Table) -> "Lesson":
        sign_N = label_sign(table)
        names = [np.array(table[name].to_pylist(), dtype=str) for name in reversed(pairs.IDENTITY)]
        order_N = np.lexsort([table["weight"].to_numpy(), *pairs.outcome_probs(table).T, *names])
        rows_R = order_N[sign_N[order_N] != 0]
        return cls(rows_R, table.take(pa.array(rows_R, pa.int64())), sign_N[rows_R], table.num_rows)

    def __len__(self) -> int:
        return len(self.rows_R)

    @property
    def responses(self) -> tuple[list[str], list[str]]:
        """The texts of a and of b, "" where a response has none."""
        first, second = ([text or "" for text in self.table[f"response_{side}"].to_pylist()] for side in "ab")
        return first, second

    def margins(
        self, learn_R: np.ndarray | slice, ask_R: np.ndarray | slice, settings: Mapping[str, Any], context: Context,
        **more: Any,
    ) -> np.ndarray:  # fmt: skip
        """(E, M, asked): lead of the labelled winner, by `Models.fit` on some of the rows, of some of them."""
        places = np.arange(len(self))
        train, others = (self.table.take(pa.array(places[some], pa.int64())) for some in (learn_R, ask_R))
        learner = {name: settings[name] for name in LEARNER}
        found = context.models.fit(train, others, {**learner, "seed": context.seed, **more})
        return np.asarray(found, dtype=np.float64) * self.sign_R[ask_R]

    def dealt(self, count: int, seed: int) -> np.ndarray:
        """(R,): fold of each row; see `curation.noise.folds`."""
        return folds.deal(self.table["prompt"].to_pylist(), *self.responses, count, seed)

    def out_of_fold(self, settings: Mapping[str, Any], context: Context, count: int = FOLDS) -> np.ndarray:
        """(R,): lead of the labelled winner by a model that did not learn from the pair."""
        fold_R, lead_R = self.dealt(count, context.seed), np.zeros(len(self))
        for fold in np.unique(fold_R).tolist():
            lead_R[fold_R == fold] = self.margins(fold_R != fold, fold_R == fold, settings, context)[-1, 0]
        return lead_R

    def spread(self, value_R: np.ndarray, fill: Any = np.nan) -> np.ndarray:
        """Values by row of the table, ``fill`` where nothing was learnt."""
        value_N = np.full(self.size, fill, dtype=np.result_type(value_R, type(fill)))
        value_N[self.rows_R] = value_R
        return value_N

    def keep_all(self) -> Decisions:
        """What is decided where there is too little to learn from."""
        return Decisions.drop_where(np.zeros(self.size, dtype=bool), "", score_N=np.full(self.size, np.nan))


def label_sign(table: pa.Table) -> np.ndarray:
    """(N,): 1 where the label says a, -1 where b, 0 where neither or the texts of both are the same."""
    winner_N = pairs.winner(table)
    same_N = pc.equal(*(pc.fill_null(table[f"response_{side}"], "") for side in "ab")).to_numpy()
    return np.select([same_N, winner_N == "a", winner_N == "b"], [0, 1, -1], 0)


def lowest(score_R: np.ndarray, share: float) -> np.ndarray:
    """Which scores are among the lowest ``share``; equal scores share their fate, on the side of staying."""
    count = int(share * len(score_R))
    if not count:
        return np.zeros(len(score_R), dtype=bool)
    return np.asarray(score_R < np.partition(score_R, count)[count])


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-np.logaddexp(0, -x)))
