"""Evaluation suites: one file each, found by discovery; a table and a model in, figures with intervals out.

The contract that every module here fulfils (tests/rewardtrain/evaluation/test_contract.py holds it):

    TITLE, SUMMARY : str
    read(path, split) -> pa.Table                 what `evaluate` takes; DataError says what is wrong with a file
    evaluate(table, model, *, seed=0, train=None) -> dict
    example() -> pa.Table                         a few made-up rows

and, where figures of two models can be compared row by row (`rewardtrain.comparing`):

    rows(table, model) -> pa.Table                what the model says of each row; see `pairs`

The result is JSON-serialisable and always holds ``suite``, ``n``, ``accuracy`` {"value", "low", "high"} and
``baselines`` {name: {"value", "low", "high", ...}}, measured on the same rows; each module documents the rest.
``train`` is the train split, for baselines that are learned from it. ``longer`` is always among the baselines; where a
suite lists ``subsets``, each is {"name", "n", "value", "low", "high", "longer"}. A file that lacks something is a
DataError that names the row; rewards that are not finite are a RewardModelError.
"""

from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import pyarrow as pa

from annotate import discovery


class Model(Protocol):
    """What a suite needs of a model; `rewardtrain.scoring.Scorer` is one."""

    def score(self, prompts: list[str], responses: list[str]) -> np.ndarray: ...
    def probabilities(self, delta_P: np.ndarray) -> np.ndarray: ...


class VectorModel(Model, Protocol):
    """A model that also shows what its head reads; the suite `probe` needs one."""

    def vectors(self, prompts: list[str], responses: list[str]) -> np.ndarray: ...  # (N, D)


class Ensemble(Model, Protocol):
    """A model of several members, be they seeds or checkpoints; `noise` needs one, `best_of_n` makes use of it."""

    def members(self, prompts: list[str], responses: list[str]) -> np.ndarray: ...  # (M, N)


class SegmentModel(Model, Protocol):
    """A model of the segments of responses; the suite `segments` needs one."""

    def wrong(self, prompts: list[str], segments: list[list[str]], names: list[str]) -> list[np.ndarray]: ...  # (U, A)


class PersonalModel(Model, Protocol):
    """A model that places a rater from a few of their pairs; the suite `raters` needs one."""

    def place(self, prompts: list[str], a: list[str], b: list[str], target_P3: np.ndarray) -> np.ndarray: ...
    def score_for(self, prompts: list[str], responses: list[str], vector: np.ndarray) -> np.ndarray: ...


class Suite(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str

    def read(self, path: Path, split: str) -> pa.Table: ...
    def evaluate(
        self, table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None
    ) -> dict[str, Any]: ...
    def example(self) -> pa.Table: ...


def names() -> tuple[str, ...]:
    """Identifiers of all suites."""
    return discovery.names(__name__)


def get(name: str) -> Suite:
    """The suite called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Suite, discovery.load(__name__, name))
