"""RM-Bench: subtle errors under three styles, so that a model that pays for style shows it.

Reads its format: ``prompt``, ``domain``, and ``chosen`` and ``rejected`` as lists of three responses each, concise,
detailed and detailed with markdown. The result, beyond the contract's keys:

    accuracy    mean over rows of the share of the nine comparisons that are won, strictly
    matrix      3 x 3 accuracies, chosen style by rejected style
    styles      {"easy", "normal", "hard"}: {"value", "low", "high"}: the chosen one more adorned than, as adorned as,
                plainer than the rejected one; mean of domains
    domains     {domain: {"n", "value", "easy", "normal", "hard"}}; safety-refuse and safety-response are one domain
    total       mean of the four domains, or null where one is missing
    subsets     by domain

Source: https://github.com/THU-KEG/RM-Bench `scripts/utils.py`, `compute_accuracy`, and its README for the averages
(Liu et al. 2024, arXiv 2410.16184).
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_sums

TITLE = "RM-Bench"
SUMMARY = "Subtle errors under three styles: easy, normal, hard."

DOMAINS = ("chat", "math", "code", "safety")
STYLES = 3
LEVELS = {"easy": np.tri(STYLES, k=-1), "normal": np.eye(STYLES), "hard": np.tri(STYLES, k=-1).T}
_SCHEMA = pa.schema(
    [("prompt", pa.large_string()), ("chosen", pa.list_(pa.large_string())), ("rejected", pa.list_(pa.large_string())),
     ("domain", pa.string())]
)  # fmt: skip


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file; ``split`` says nothing here."""
    rows = _common.read_rows(path, ("prompt", "domain"), ("chosen", "rejected"))
    for number, row in enumerate(rows, 1):
        for name in ("chosen", "rejected"):
            if len(row[name]) != STYLES:
                raise DataError(
                    f"Row {number} of {path} has {len(row[name])} {name} responses. Give three: concise, detailed, "
                    "detailed with markdown."
                )
    return pa.Table.from_pylist([{name: row[name] for name in _SCHEMA.names} for row in rows], schema=_SCHEMA)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape."""
    _common.not_empty(table)
    rows = table.to_pylist()
    texts = [text for row in rows for text in (*row["chosen"], *row["rejected"])]
    prompts = [row["prompt"] for row in rows for _ in range(2 * STYLES)]
    win_N33 = _common.strict(_differences(_common.rewards(model, prompts, texts)))
    longer_N33 = _common.half(_differences(_common.lengths(texts)))
    prompt_N = np.array([row["prompt"] for row in rows])
    domain_N = np.array([_domain(row["domain"]) for row in rows])
    win_N, longer_N = win_N33.mean(axis=(1, 2)), longer_N33.mean(axis=(1, 2))
    level_N = {level: (win_N33 * mask).sum(axis=(1, 2)) / mask.sum() for level, mask in LEVELS.items()}
    names = [str(name) for name in np.unique(domain_N)]
    domains = {
        name: {
            "n": int((domain_N == name).sum()), "value": float(win_N[domain_N == name].mean()),
            **{level: float(some_N[domain_N == name].mean()) for level, some_N in level_N.items()},
        }
        for name in names
    }  # fmt: skip
    inside_ND = (domain_N[:, None] == np.array(names)).astype(float)
    return {
        **_common.headline("rm_bench", win_N, longer_N, prompt_N, seed),
        "matrix": win_N33.mean(axis=0).tolist(),
        "styles": {
            level: bootstrap_sums(np.hstack([some_N[:, None] * inside_ND, inside_ND]), prompt_N, _macro, seed=seed)
            for level, some_N in level_N.items()
        },
        "domains": domains,
        "total": float(np.mean([domains[name]["value"] for name in DOMAINS])) if {*DOMAINS} <= {*names} else None,
        "subsets": _common.by_subset(win_N, longer_N, domain_N),
    }


def example() -> pa.Table:
    """Two made-up rows of two domains."""
    rows = [
        {
            "prompt": "What did Schrödinger's cat show?", "domain": "chat",
            "chosen": ["Superposition.", "It shows superposition.", "**It** shows *superposition*."],
            "rejected": ["Entanglement.", "It shows entanglement.", "**It** shows *entanglement*."],
        },
        {
            "prompt": "Add 2 and 2.", "domain": "math",
            "chosen": ["4", "The sum is 4.", "The sum is **4**."],
            "rejected": ["5!", "The sum is 5!!", "The sum is, yes, **5**."],
        },
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _differences(value: np.ndarray) -> np.ndarray:
    """(N, 3, 3): chosen less rejected, by their styles."""
    value_N23 = value.reshape(-1, 2, STYLES)
    return np.asarray(value_N23[:, 0, :, None] - value_N23[:, 1, None, :])


def _domain(name: str) -> str:
    return next((domain for domain in DOMAINS if name.startswith(domain)), name)


def _macro(sum_RK: np.ndarray) -> np.ndarray:
    """Mean over domains of their means; K holds their sums, then their counts."""
    sums_RD, counts_RD = np.split(sum_RK, 2, axis=1)
    return np.asarray(np.nanmean(np.where(counts_RD > 0, sums_RD / counts_RD, np.nan), axis=1))
