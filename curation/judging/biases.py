"""What leads a judge besides quality: the place of a response, its length, and who wrote it.

Each is measured beside people's verdicts on the same pairs, for people too like longer answers, and longer answers
may be better. Verdicts are places in `annotate.records.OUTCOMES`, -1 where there is none. Pure: knows no Django.
Shapes: N pairs, K columns of a regression, V verdicts.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from curation import resampling
from curation.intervals import wilson

A, B, TIE = 0, 1, 2
GAPS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)  # edges of the length gap, in doublings
_PRIOR = 10.0  # standard deviation of a logistic coefficient: keeps it finite where verdicts can be told apart wholly
_ALIASES = {
    "chatgpt": "gpt", "davinci": "gpt", "text": "gpt", "o": "gpt", "openai": "gpt", "anthropic": "claude",
    "meta": "llama", "vicuna": "llama", "alpaca": "llama", "mixtral": "mistral", "ministral": "mistral",
    "zephyr": "mistral", "bard": "gemini", "palm": "gemini", "gemma": "gemini", "qwq": "qwen",
}  # fmt: skip


class Shown(NamedTuple):
    """One verdict for a side, given with the order known: on which item, and whether the first shown was chosen."""

    item: str
    first: bool


def family_of(model: str) -> str:
    """The family of a model by its name, "" for none: the first word, with the best known kin put together.

    >>> family_of("openai/gpt-4-turbo"), family_of("Mixtral-8x7B"), family_of("text_davinci_003")
    ('gpt', 'mistral', 'gpt')
    """
    word = re.match(r"[a-z]*", model.rsplit("/", 1)[-1].lower())
    name = word.group() if word else ""
    return _ALIASES.get(name, name)


def position(shown: Sequence[Shown], *, seed: int = 0) -> dict[str, Any]:
    """Share of verdicts for the response shown first, with its interval over items; .5 where order is drawn.

    A judge asked in both orders is even by that alone only if it keeps its verdict; where it follows the place, both
    of its samples choose the first. A dict as `curation.resampling.mean`.
    """
    items = np.array([one.item for one in shown], dtype=object)
    return resampling.mean(np.array([float(one.first) for one in shown]), items.astype(str), seed=seed)


def length(
    said_N: np.ndarray, people_N: np.ndarray, gap_N: np.ndarray, cluster_N: np.ndarray, *, seed: int = 0
) -> dict[str, Any]:
    """How far a judge follows length, beyond people.

    Parameters
    ----------
    said_N, people_N : verdicts.
    gap_N : log2 of the length of a over that of b, in doublings; NaN or 0 where it says nothing.

    Returns
    -------
    dict:
        ``n``; ``judge``, ``people``: shares of the longer response among verdicts that both gave for a side;
        ``difference``, ``low``, ``high``: of these, paired, over clusters;
        ``odds``, ``odds_low``, ``odds_high``, ``odds_n``: factor on the judge's odds for a response that is twice as
        long, given people's verdict on the pair (logistic regression of the choice on people's verdict and the gap,
        standard error robust to clusters); 1 where length alone does not move it;
        ``curve``: by gap, {"from", "to", "n", "judge", "judge_low", "judge_high", "people", …}, Wilson's intervals.
    """
    known_N = np.isfinite(gap_N) & (gap_N != 0)
    both_N = known_N & _sides(said_N) & _sides(people_N)
    longer_N = np.where(gap_N > 0, A, B)
    judge_N, people_longer_N = (said_N == longer_N)[both_N], (people_N == longer_N)[both_N]
    difference = resampling.mean(judge_N.astype(float) - people_longer_N, cluster_N[both_N], seed=seed)
    curve = []
    size_N = np.abs(gap_N[both_N])
    for low, high in zip(GAPS, (*GAPS[1:], np.inf), strict=True):
        inside_N = (size_N > low) & (size_N <= high)
        if n := int(inside_N.sum()):
            row: dict[str, Any] = {"from": low, "to": None if np.isinf(high) else high, "n": n}
            for name, value_N in (("judge", judge_N), ("people", people_longer_N)):
                row[f"{name}_low"], row[f"{name}_high"] = wilson(float(value_N[inside_N].sum()), n)
                row[name] = float(value_N[inside_N].mean())
            curve.append(row)
    rows_N = known_N & _sides(said_N) & (people_N >= 0)
    lean_N = np.select([people_N == A, people_N == B], [1.0, -1.0], 0.0)
    odds = _odds(
        np.column_stack([np.ones(len(gap_N)), lean_N, gap_N])[rows_N], (said_N == A)[rows_N], cluster_N[rows_N]
    )
    return {
        "n": difference["n"],
        "judge": float(judge_N.mean()) if len(judge_N) else None,
        "people": float(people_longer_N.mean()) if len(judge_N) else None,
        "difference": difference["value"],
        "low": difference["low"],
        "high": difference["high"],
        **odds,
        "odds_n": int(rows_N.sum()),
        "curve": curve,
    }


def own(family: str, models_a: Sequence[str], models_b: Sequence[str]) -> np.ndarray:
    """1 where a alone is of the family, -1 where b alone is, else 0; shape (N,)."""
    if not family:
        return np.zeros(len(models_a), dtype=np.int64)
    mine = {name for name in {*models_a, *models_b} if family_of(name) == family}
    a_N, b_N = (np.array([name in mine for name in names], dtype=np.int64) for names in (models_a, models_b))
    return a_N - b_N


def self_preference(
    said_N: np.ndarray, people_N: np.ndarray, own_N: np.ndarray, cluster_N: np.ndarray, *, seed: int = 0
) -> dict[str, Any]:
    """How much oftener a judge prefers its own family than people do on the same pairs.

    Returns
    -------
    dict: ``n``; ``judge``, ``people``: share of pairs won by the judge's family, a tie counting half; ``excess``,
        ``low``, ``high``: the difference, paired, with its interval over clusters. None where no pair has it.
    """
    rows_N = (own_N != 0) & (said_N >= 0) & (people_N >= 0)
    side_N = np.where(own_N > 0, A, B)
    judge_N, people_won_N = (_won(verdict_N, side_N)[rows_N] for verdict_N in (said_N, people_N))
    excess = resampling.mean(judge_N - people_won_N, cluster_N[rows_N], seed=seed)
    return {
        "n": excess["n"],
        "judge": float(judge_N.mean()) if len(judge_N) else None,
        "people": float(people_won_N.mean()) if len(judge_N) else None,
        "excess": excess["value"],
        "low": excess["low"],
        "high": excess["high"],
    }


def _sides(verdict_N: np.ndarray) -> np.ndarray:
    return (verdict_N == A) | (verdict_N == B)


def _won(verdict_N: np.ndarray, side_N: np.ndarray) -> np.ndarray:
    """1 where the side won, one half where neither did."""
    return np.where(_sides(verdict_N), verdict_N == side_N, 0.5).astype(float)


def _odds(x_NK: np.ndarray, chosen_N: np.ndarray, cluster_N: np.ndarray) -> dict[str, float | None]:
    """exp of the last coefficient of a logistic regression, with its 95 % interval.

    Newton's method; the sandwich estimate of Liang and Zeger 1986 (doi:10.1093/biomet/73.1.13) over clusters. A
    normal prior so wide that it hardly moves anything keeps the coefficients finite.
    """
    nothing: dict[str, float | None] = {"odds": None, "odds_low": None, "odds_high": None}
    K = x_NK.shape[1]
    if len(x_NK) <= 2 * K or chosen_N.all() or not chosen_N.any():
        return nothing
    beta_K, prior_KK = np.zeros(K), np.eye(K) / _PRIOR**2
    for _ in range(50):
        p_N = 1 / (1 + np.exp(-np.clip(x_NK @ beta_K, -30, 30)))
        bread_KK = (x_NK * (p_N * (1 - p_N))[:, None]).T @ x_NK + prior_KK
        step_K = np.linalg.solve(bread_KK, x_NK.T @ (chosen_N - p_N) - prior_KK @ beta_K)
        beta_K = beta_K + step_K
        if np.abs(step_K).max() < 1e-9:
            break
    score_CK = resampling.cluster_sums(cluster_N, *(x_NK * (chosen_N - p_N)[:, None]).T)
    C = len(score_CK)
    value = float(np.exp(min(beta_K[-1], 50.0)))
    if C < resampling.FEWEST_CLUSTERS:
        return {**nothing, "odds": value}
    inverse_KK = np.linalg.inv(bread_KK)
    variance = (inverse_KK @ (score_CK.T @ score_CK) @ inverse_KK)[-1, -1] * C / (C - 1)
    half = 1.96 * float(np.sqrt(variance))
    return {"odds": value, "odds_low": value * float(np.exp(-half)), "odds_high": value * float(np.exp(half))}
