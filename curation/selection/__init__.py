"""Strategies for what to ask people next: one file each, found by discovery; pairs and evidence in, a batch out.

The contract that every module here fulfils (tests/curation/selection/test_contract.py holds it):

    TITLE, SUMMARY : str
    SETTINGS : dict                    JSON Schema of the settings, closed, each with a default
    NEEDS : tuple[str, ...]            the fields of `Evidence` that it cannot do without
    REASONS : dict[str, str]           reason code -> a sentence for people
    choose(table, evidence, settings, size, seed) -> Choice

A strategy sees `curation.pairs.SCHEMA` and chooses at most ``size`` rows among those that were not asked before. What
it chooses depends on what the rows hold, not on their order. `_dealing` keeps a random slice beside it. Pure: knows
no Django.

Shapes: N rows, K chosen, M members of an ensemble, E moments of its training, D width of vectors, 2 sides (a, b).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

import jsonschema
import numpy as np
import pyarrow as pa

from annotate import discovery
from curation import pairs


class MissingEvidence(ValueError):
    """A strategy that lacks what it decides on; the message says what to provide."""


class SettingsError(ValueError):
    """Settings that a strategy does not take; ``path`` says where."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Evidence:
    """What is known of N rows; None where nobody measured it.

    Attributes
    ----------
    asked_N : whether a row was asked already and is not to be asked again.
    margin_MN : reward of a less that of b by each member of an ensemble; or (E, M, N) as port ``fit`` gives it, of
        which the last moment counts. Best from members that did not learn from the row.
    reward_MN2 : rewards of both sides by each member.
    feature_N2D : vectors of both sides, as the last layer of a reward model sees them.
    prompt_ND : vectors of the prompts.
    suspicion_N : probability in [0, 1] that the present label is wrong; NaN where unknown.
    label_N : how far the present label says that a is better, a tie counting half; NaN where there is none.
    present_N : margins of a model that learned from the labels as they are, the row's own too.
    mended_N : margins of one that learned from the labels less what is suspicious of them.
    verified_N : how far people found a better (1, 0, or ½ for a tie); NaN where they did not say.
    """

    asked_N: np.ndarray
    margin_MN: np.ndarray | None = None
    reward_MN2: np.ndarray | None = None
    feature_N2D: np.ndarray | None = None
    prompt_ND: np.ndarray | None = None
    suspicion_N: np.ndarray | None = None
    label_N: np.ndarray | None = None
    present_N: np.ndarray | None = None
    mended_N: np.ndarray | None = None
    verified_N: np.ndarray | None = None

    @property
    def open_N(self) -> np.ndarray:
        """Which rows may be chosen."""
        return ~np.asarray(self.asked_N, dtype=bool)

    @property
    def members_MN(self) -> np.ndarray:
        """The margins of the members at the last moment, shape (M, N)."""
        margin = self.need("margin_MN")
        return np.asarray(margin[-1] if margin.ndim == 3 else margin, dtype=np.float64)

    def need(self, name: str) -> np.ndarray:
        """A field that must be there."""
        value = getattr(self, name)
        if value is None:
            raise MissingEvidence(f"This strategy needs {_MEANINGS[name]}.")
        return cast(np.ndarray, value)


_MEANINGS = {
    "margin_MN": "the margins of an ensemble of reward models",
    "reward_MN2": "the rewards of both responses by an ensemble",
    "feature_N2D": "vectors of both responses",
    "prompt_ND": "vectors of the prompts",
    "suspicion_N": "how likely each label is wrong",
    "label_N": "labels",
    "present_N": "margins of a model that learned from the labels as they are",
    "mended_N": "margins of a model that learned from mended labels",
    "verified_N": "pairs that people have verified",
}


@dataclass(frozen=True)
class Choice:
    """Which rows to ask, the first first.

    Attributes
    ----------
    place_K : row of each; open ones, none twice.
    score_K : what it was chosen for, greater is more worth asking; of a greedy strategy the gain at its turn.
    reason_K : reason code of each.
    """

    place_K: np.ndarray
    score_K: np.ndarray
    reason_K: np.ndarray


class Strategy(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    SETTINGS: dict[str, Any]
    NEEDS: tuple[str, ...]
    REASONS: dict[str, str]

    def choose(
        self, table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int
    ) -> Choice: ...


def names() -> tuple[str, ...]:
    """Identifiers of all strategies."""
    return discovery.names(__name__)


def get(name: str) -> Strategy:
    """The strategy called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Strategy, discovery.load(__name__, name))


def settings_schema(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """A closed JSON Schema of these settings."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


def settings_with_defaults(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A strategy's settings with its defaults filled in.

    Raises
    ------
    annotate.discovery.UnknownPlugin
        If there is no such strategy.
    SettingsError
        If the settings do not fit its ``SETTINGS`` schema.
    """
    schema = get(name).SETTINGS
    filled = {**{key: value["default"] for key, value in schema["properties"].items()}, **settings}
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(filled))
    if error is not None:
        raise SettingsError(f"{error.message:.300}", "/".join(str(part) for part in error.absolute_path))
    return filled


def highest(
    table: pa.Table, evidence: Evidence, score_N: np.ndarray, size: int, seed: int, reason: str | np.ndarray
) -> Choice:
    """The open rows with the highest finite scores; equal ones in a random order that the seed fixes.

    ``reason``: one code for all, or one a row.
    """
    able_N = evidence.open_N & np.isfinite(score_N)
    place_K = np.lexsort((lots(table, seed), np.where(able_N, -score_N, np.inf)))[: min(size, int(able_N.sum()))]
    reason_N = np.broadcast_to(np.asarray(reason, dtype=object), score_N.shape)
    return Choice(place_K, score_N[place_K], reason_N[place_K])


def best(gain_N: np.ndarray, lot_N: np.ndarray) -> int:
    """The row of the greatest gain; where several are equal to nine digits, the one with the least lot."""
    most = float(gain_N.max())
    equal = np.flatnonzero(gain_N >= most - 1e-9 * max(abs(most), 1e-9))
    return int(equal[lot_N[equal].argmin()])


def lots(table: pa.Table, seed: int) -> np.ndarray:
    """A number in [0, 1) drawn for each row, by what the row is and the seed alone, shape (N,)."""
    columns = (table[name].to_pylist() for name in pairs.IDENTITY)
    salt = f"{seed}\0".encode()
    digests = [hashlib.sha256(salt + "\0".join(map(str, row)).encode("utf-8", "surrogatepass")).digest()[:8]
               for row in zip(*columns, strict=True)]  # fmt: skip
    return np.array([int.from_bytes(digest, "big") for digest in digests], dtype=np.float64) / 2.0**64


def normals(table: pa.Table, seed: int, count: int) -> np.ndarray:
    """Standard normal draws by what a row is and the seed, shape (count, N)."""
    from scipy.special import ndtri

    uniform = np.array([lots(table, hash_of(seed, number)) for number in range(count)]).reshape(count, table.num_rows)
    return np.asarray(ndtri(np.clip(uniform, 1e-12, 1 - 1e-12)))


def hash_of(seed: int, number: int) -> int:
    """Another seed, one for each number."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{number}".encode()).digest()[:4], "big")
