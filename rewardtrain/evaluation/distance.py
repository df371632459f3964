"""Distance between rewards: how far the model's reward is from another one, up to what changes no choice.

Reads ``prompt``, ``response`` and ``reward`` (a number, the other reward), with at least two responses to some prompt.
A prompt with its responses is a bandit: nothing follows a response, so a potential can depend on the prompt alone, and
two rewards order all policies alike where they differ by a positive factor and a function of the prompt. So the
canonical form of a reward is what is left when the mean over the given responses of its prompt is taken away; the mean
is over the responses in the table, each as likely as another, and a prompt with one response tells nothing. The
result, beyond the contract's keys:

    accuracy    over pairs of responses to one prompt that the other reward tells apart: share that are ordered alike,
                equal rewards counting half
    epic        sqrt((1 - rho)/2), rho the Pearson correlation of the canonical rewards; 0 alike, 1 opposite
    starc       |a/|a| - b/|b||/2 in the Euclidean norm of the canonical rewards; 0 alike, 1 opposite
    longer      {"epic", "starc"} of the length in the model's place
    raw         1 - rho of the rewards as they are, for comparison: it is not blind to functions of the prompt
    responses   rows that count, and ``left_out``: rows whose prompt has one response only

Each distance is {"value", "low", "high"}, resampled by prompt; null where a canonical reward is 0 throughout. In this
setting both are one: canonical rewards have mean 0, so starc = epic. They are computed apart, and a test compares them.
Sources: Gleave et al. 2020, https://arxiv.org/abs/2006.13900 (EPIC); Skalse et al. 2023,
https://arxiv.org/abs/2309.15257 (STARC).
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_sums, correlation

TITLE = "Distance between rewards"
SUMMARY = "EPIC and STARC distance to another reward."

_SCHEMA = pa.schema([("prompt", pa.large_string()), ("response", pa.large_string()), ("reward", pa.float64())])


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file; ``split`` says nothing here."""
    rows = _common.read_rows(path, ("prompt", "response"))
    for number, row in enumerate(rows, 1):
        row["reward"] = _common.as_number(row.get("reward"), path, number, "reward")
    return pa.Table.from_pylist([{name: row[name] for name in _SCHEMA.names} for row in rows], schema=_SCHEMA)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape.

    Raises
    ------
    DataError
        If no prompt has two responses that the other reward tells apart.
    """
    _common.not_empty(table)
    prompts, responses = (table[name].to_pylist() for name in ("prompt", "response"))
    reward_N, other_N = _common.rewards(model, prompts, responses), table["reward"].to_numpy()
    length_N, prompt_N = _common.lengths(responses), np.array(prompts)
    i, j = _common.pairs_within(prompt_N)
    told = other_N[i] != other_N[j]
    if not told.any():
        raise DataError(
            "No prompt has two responses of different reward, so there is no distance. Give more responses."
        )
    i, j = i[told], j[told]
    sign_P = np.sign(other_N[i] - other_N[j])
    right_P, longer_P = (_common.half((value[i] - value[j]) * sign_P) for value in (reward_N, length_N))
    _, where_N, count_G = np.unique(prompt_N, return_inverse=True, return_counts=True)
    rows = count_G[where_N] > 1
    return {
        **_common.headline("distance", right_P, longer_P, prompt_N[i], seed),
        **_distances(reward_N[rows], other_N[rows], prompt_N[rows], seed),
        "longer": _distances(length_N[rows], other_N[rows], prompt_N[rows], seed),
        "raw": _raw(reward_N[rows], other_N[rows], prompt_N[rows], seed),
        "responses": int(rows.sum()),
        "left_out": int((~rows).sum()),
    }


def example() -> pa.Table:
    """Two made-up prompts of three and two responses."""
    rows = [
        ("Name a colour.", "Red.", 1.0), ("Name a colour.", "Blue, or red.", 0.5), ("Name a colour.", "A table.", -1.0),
        ("Add 2 and 2.", "4", 3.0), ("Add 2 and 2.", "It is 5.", 2.0),
    ]  # fmt: skip
    return pa.Table.from_pylist([dict(zip(_SCHEMA.names, row, strict=True)) for row in rows], schema=_SCHEMA)


def canonical(reward_N: np.ndarray, prompt_N: np.ndarray) -> np.ndarray:
    """The reward less its mean over the responses of each prompt."""
    _, where_N = np.unique(prompt_N, return_inverse=True)
    return np.asarray(reward_N - (np.bincount(where_N, weights=reward_N) / np.bincount(where_N))[where_N])


def epic(sum_RK: np.ndarray) -> np.ndarray:
    """EPIC distance of each resample whose sums are (ab, aa, bb) of canonical rewards."""
    return np.asarray(np.sqrt(np.clip((1 - correlation(sum_RK)) / 2, 0, 1)))


def starc(sum_RK: np.ndarray) -> np.ndarray:
    """STARC distance of each resample whose sums are (ab, aa, bb) of canonical rewards."""
    ab_R, aa_R, bb_R = sum_RK.T
    norm_R = np.sqrt(aa_R) * np.sqrt(bb_R)
    return np.asarray(np.sqrt(np.clip(aa_R / aa_R + bb_R / bb_R - 2 * ab_R / norm_R, 0, 4)) / 2)


def _distances(reward_N: np.ndarray, other_N: np.ndarray, prompt_N: np.ndarray, seed: int) -> dict[str, Any]:
    a_N, b_N = _flat_is_zero(reward_N, prompt_N), _flat_is_zero(other_N, prompt_N)
    part_NK = np.column_stack([a_N * b_N, a_N**2, b_N**2])
    return {
        "epic": bootstrap_sums(part_NK, prompt_N, epic, seed=seed),
        "starc": bootstrap_sums(part_NK, prompt_N, starc, seed=seed),
    }


def _flat_is_zero(reward_N: np.ndarray, prompt_N: np.ndarray) -> np.ndarray:
    """`canonical`, of norm 1, with what is left by rounding where a reward depends on the prompt alone taken as 0."""
    value_N = canonical(reward_N, prompt_N)
    value_N[np.abs(value_N) < 1e-12 * np.abs(reward_N).max(initial=0)] = 0
    norm = float(np.linalg.norm(value_N))
    return value_N / norm if norm else value_N


def _raw(reward_N: np.ndarray, other_N: np.ndarray, prompt_N: np.ndarray, seed: int) -> dict[str, Any]:
    a_N, b_N = reward_N, other_N
    part_NK = np.column_stack([a_N * b_N, a_N**2, b_N**2, a_N, b_N, np.ones(len(a_N))])

    def one_less_rho(sum_RK: np.ndarray) -> np.ndarray:
        ab, aa, bb, a, b, n = sum_RK.T
        return np.asarray(1 - (ab - a * b / n) / np.sqrt((aa - a * a / n) * (bb - b * b / n)))

    return bootstrap_sums(part_NK, prompt_N, one_less_rho, seed=seed)
