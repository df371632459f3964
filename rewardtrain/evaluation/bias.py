"""Bias: what a reward pays for besides what is preferred: length, marks of format, the side, the model that wrote it.

Takes a pair table. An attribute tells a pair's responses apart where one has more of it. The result, beyond the
contract's keys:

    attributes  [{"name", "n", "reward", "label", "difference", "with", "against"}]: over the n pairs that the attribute
                tells apart, the share in which the response with more of it has the higher reward, that in which it is
                the winner, their difference ({"value", "low", "high"}, paired and resampled by group: above 0 the
                reward pays for the attribute more than the labels do), and the accuracy where the winner has more of
                it and where it has less (null without such pairs).
                Named: length; markdown, lists, code, headings, bold (how many marks); side (a against b)
    families    the same of each family of models that wrote responses, against all others
    length      {"spearman": mean over prompts of the rank correlation of reward and length of its responses,
                 "winner": partial correlation of reward difference and winner with length difference held fixed,
                 "length": that of reward difference and length difference with the winner held fixed}
    subsets     accuracy where the winner is shorter, longer, and plainer or more marked up

The partial correlations are of signed differences (a less b; 1 or -1) through the origin, so that they do not depend
on which response stands at side a. Sources: Singhal et al. 2023, arXiv 2310.03716 (length), Zhang et al. 2024,
arXiv 2409.11704 (format).
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.stats import rankdata

from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_mean, bootstrap_sums

TITLE = "Bias"
SUMMARY = "Length, format, side and author: what the reward pays for more than the labels do."

_MARKS = {
    "lists": re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s", re.MULTILINE),
    "code": re.compile(r"```|`[^`\n]+`"),
    "headings": re.compile(r"^#{1,6}\s", re.MULTILINE),
    "bold": re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__"),
}


def read(path: Path, split: str) -> pa.Table:
    """The rows of a split; a single file, or a table without splits, is taken whole."""
    return _common.read_pairs(path, split)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a pair table; the module's docstring gives the result's shape."""
    _common.not_empty(table)
    table, winner_N = _common.with_winner(table)
    prompts, a, b = (table[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
    reward_2N = _common.rewards(model, prompts + prompts, a + b)
    delta_N = reward_2N[: len(table)] - reward_2N[len(table) :]
    group_N = _common.groups(table)
    more = {
        name: np.array([float(count(text)) for text in a]) - [count(text) for text in b]
        for name, count in COUNTS.items()
    }
    longer_N = _common.half(more["length"] * winner_N)
    right_N = _common.half(delta_N * winner_N)

    def paid(name: str, more_N: np.ndarray) -> dict[str, Any] | None:
        rows = more_N != 0
        if not rows.any():
            return None
        sign_R = np.sign(more_N[rows])
        reward_R, label_R = _common.half(delta_N[rows] * sign_R), _common.half(winner_N[rows] * sign_R)
        right_R = right_N[rows]
        sides = {"with": right_R[label_R == 1], "against": right_R[label_R == 0]}
        return {
            "name": name, "n": int(rows.sum()), "reward": float(reward_R.mean()), "label": float(label_R.mean()),
            "difference": bootstrap_mean(reward_R - label_R, group_N[rows], seed=seed),
            **{side: float(some.mean()) if len(some) else None for side, some in sides.items()},
        }  # fmt: skip

    family_a, family_b = ([family(name) for name in table[side].to_pylist()] for side in ("model_a", "model_b"))
    by_family = {
        name: np.array([float(x == name) - (y == name) for x, y in zip(family_a, family_b, strict=True)])
        for name in sorted({*family_a, *family_b} - {""})
    }
    cuts = {
        "winner is shorter": more["length"] * winner_N < 0, "winner is longer": more["length"] * winner_N > 0,
        "winner is plainer": more["markdown"] * winner_N < 0, "winner has more marks": more["markdown"] * winner_N > 0,
    }  # fmt: skip
    attributes = {**more, "side": np.ones(len(table))}
    return {
        **_common.headline("bias", right_N, longer_N, group_N, seed),
        "attributes": [found for name, more_N in attributes.items() if (found := paid(name, more_N))],
        "families": [found for name, more_N in by_family.items() if (found := paid(name, more_N))],
        "length": {
            "spearman": _spearman(prompts + prompts, a + b, reward_2N, seed),
            "winner": _partial(delta_N, winner_N, more["length"], group_N, seed),
            "length": _partial(delta_N, more["length"], winner_N, group_N, seed),
        },
        "subsets": [_common.subset(name, right_N[rows], longer_N[rows]) for name, rows in cuts.items() if rows.any()],
    }


def example() -> pa.Table:
    """Four made-up comparisons, some with marks."""
    return _common.example_pairs(
        ("Name a colour.", "**Blue.**", "A table.", 0.9, 0.0, "colours"),
        ("Name a colour.", "- Loud\n- Soft", "Red, or green.", 0.2, 0.0, "colours"),
        ("Add 2 and 2.", "4", "5, I think.", 1.0, 0.0, "sums"),
        ("Add 3 and 3.", "6", "`3 + 3` is 6.", 0.0, 0.0, "sums"),
    )


def family(model: str | None) -> str:
    """The first word of a model's name without its owner: vicuna of lmsys/vicuna-13b; "" where unknown."""
    found = re.match(r"[^\W\d_]+", (model or "").rpartition("/")[2])
    return found[0].lower() if found else ""


def _counter(pattern: re.Pattern[str]) -> Callable[[str], int]:
    return lambda text: len(pattern.findall(text))


COUNTS: dict[str, Callable[[str], int]] = {
    "length": len,
    "markdown": lambda text: sum(len(pattern.findall(text)) for pattern in _MARKS.values()),
    **{name: _counter(pattern) for name, pattern in _MARKS.items()},
}


def _spearman(prompts: list[str], texts: list[str], reward_N: np.ndarray, seed: int) -> dict[str, Any] | None:
    """Mean over prompts of the rank correlation over distinct responses; without prompts where either is constant."""
    by_prompt: dict[str, dict[str, float]] = {}
    for prompt, text, reward in zip(prompts, texts, reward_N.tolist(), strict=True):
        by_prompt.setdefault(prompt, {})[text] = reward
    rho = {}
    for prompt, found in by_prompt.items():
        rank_2K = rankdata([list(found.values()), [len(text) for text in found]], axis=1)
        if (np.ptp(rank_2K, axis=1) > 0).all():
            rho[prompt] = float(np.corrcoef(rank_2K)[0, 1])
    return bootstrap_mean(np.array(list(rho.values())), np.array(list(rho)), seed=seed) if rho else None


def _partial(x_N: np.ndarray, y_N: np.ndarray, fixed_N: np.ndarray, group_N: np.ndarray, seed: int) -> dict[str, Any]:
    """Correlation of x and y through the origin with ``fixed`` held fixed."""
    scaled = [value / (np.sqrt((value**2).mean()) or 1.0) for value in (x_N, y_N, fixed_N)]
    part_NK = np.column_stack([scaled[i] * scaled[j] for i, j in ((0, 1), (0, 2), (1, 2), (0, 0), (1, 1), (2, 2))])

    def partial(sum_RK: np.ndarray) -> np.ndarray:
        xy, xf, yf, xx, yy, ff = sum_RK.T
        r_xy, r_xf, r_yf = xy / np.sqrt(xx * yy), xf / np.sqrt(xx * ff), yf / np.sqrt(yy * ff)
        left = (1 - r_xf**2) * (1 - r_yf**2)
        return np.asarray((r_xy - r_xf * r_yf) / np.sqrt(np.where(left > 1e-12, left, np.nan)))

    return bootstrap_sums(part_NK, group_N, partial, seed=seed)
