"""Plackett and Luce's model of rankings: every response of an item has a worth, from all raters' rankings of it.

A ranking is a sequence of choices: the first among all, the second among the rest, and so on, each with a chance in
proportion to exp(worth) (Luce 1959, Plackett 1975). Responses of equal rank are chosen in an order that nobody told:
Efron's approximation (1977, doi:10.1080/01621459.1977.10480613), which Cox regression takes for tied times, stands for
the mean over the orders. A normal prior of precision 1 keeps the worth of who was never beaten finite. The posterior
is concave; Newton's steps reach its top. On rankings without ties the tests compare with choix.

The rankings are read from a kind's pairs: who is before more of the others has the better rank. K responses, S stages.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import ndtr

from annotate.feedback import Reading
from curation.aggregation import Agreed, Embed, ValueConsensus

TITLE = "Plackett–Luce"
SUMMARY = "A worth of every response from whole rankings, with ties; for rankings of three and more."
TAKES = "rankings"
PRECISION = 1.0  # of the prior of a worth
_STEPS = 100

Ranking = Mapping[str, int]  # by response key; 1 is best


def combine(readings: Sequence[Reading], *, seed: int = 0, embed: Embed | None = None) -> ValueConsensus:
    """A worth (a logarithm, 0 on average) of each response with its 95 % interval; ``seed``, ``embed`` are not used.

    The confidence is the mean probability that the response stands on the right side of each of the others. A rater's
    reliability is the share of the pairs in their rankings that the worths order as they do.
    """
    agreed: list[Agreed] = []
    right: dict[str, list[bool]] = defaultdict(list)
    for (item, dimension), by_rater in sorted(rankings(readings).items()):
        keys = sorted({key for ranks in by_rater.values() for key in ranks})
        worth_K, covariance_KK = fit(list(by_rater.values()), keys)
        sure_K = _confidence(worth_K, covariance_KK)
        for place, key in enumerate(keys):
            half = 1.96 * float(np.sqrt(covariance_KK[place, place]))
            n = sum(key in ranks for ranks in by_rater.values())
            worth = round(float(worth_K[place]), 6)
            agreed.append(Agreed((item, key, dimension), worth, float(sure_K[place]), n, worth - half, worth + half))
        place_of = {key: place for place, key in enumerate(keys)}
        for rater, ranks in by_rater.items():
            told = [(a, b) for a in ranks for b in ranks if ranks[a] < ranks[b]]
            right[rater] += [bool(worth_K[place_of[a]] > worth_K[place_of[b]]) for a, b in told]
    reliability = {rater: float(np.mean(own)) for rater, own in sorted(right.items()) if own}
    return ValueConsensus(agreed, reliability, {"rankings": sum(map(len, rankings(readings).values()))})


def rankings(readings: Sequence[Reading]) -> dict[tuple[str, str], dict[str, Ranking]]:
    """By item and dimension, each rater's ranks, from their pairs "a:b" with category a, b or tie."""
    ahead: dict[tuple[str, str], dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for reading in readings:
        a, _, b = reading.subject.partition(":")
        if b and reading.category in ("a", "b", "tie"):
            own = ahead[reading.item, reading.dimension][reading.rater]
            own[a] = own.get(a, 0) + {"a": 1.0, "tie": 0.5}.get(reading.category, 0.0)
            own[b] = own.get(b, 0) + {"b": 1.0, "tie": 0.5}.get(reading.category, 0.0)
    found: dict[tuple[str, str], dict[str, Ranking]] = {}
    for unit, by_rater in ahead.items():
        found[unit] = {}
        for rater, wins in sorted(by_rater.items()):
            place = {count: rank for rank, count in enumerate(sorted(set(wins.values()), reverse=True), 1)}
            found[unit][rater] = {key: place[count] for key, count in wins.items()}
    return found


def fit(ranked: Sequence[Ranking], keys: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Worths (K,) and the covariance (K, K) of their posterior, at its top."""
    chosen_SK, share_SK = _stages(ranked, keys)
    worth_K = np.zeros(len(keys))
    wins_K = chosen_SK.sum(axis=0)

    def value(worth_K: np.ndarray) -> float:
        return float(wins_K @ worth_K - np.log(share_SK @ np.exp(worth_K)).sum() - PRECISION * worth_K @ worth_K / 2)

    hessian_KK = PRECISION * np.eye(len(keys))
    for _ in range(_STEPS):
        chance_SK = share_SK * np.exp(worth_K)
        chance_SK /= chance_SK.sum(axis=1, keepdims=True)
        gradient_K = wins_K - chance_SK.sum(axis=0) - PRECISION * worth_K
        hessian_KK = np.diag(chance_SK.sum(axis=0) + PRECISION) - chance_SK.T @ chance_SK
        step_K = np.linalg.solve(hessian_KK, gradient_K)
        size = 1.0
        while size > 1e-6 and value(worth_K + size * step_K) < value(worth_K):
            size /= 2
        worth_K = worth_K + size * step_K
        if np.abs(step_K).max(initial=0) < 1e-10:
            break
    return worth_K, np.linalg.inv(hessian_KK)


def _stages(ranked: Sequence[Ranking], keys: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Every choice: what was chosen (S, K), a tied response in part, and the weights of what could be (S, K)."""
    chosen, shares = [np.zeros((0, len(keys)))], [np.zeros((0, len(keys)))]
    for ranks in ranked:
        rank_K = np.array([ranks.get(key, 0) for key in keys])
        for rank in sorted(set(rank_K[rank_K > 0].tolist())):
            tied_K, left_K = rank_K == rank, rank_K >= rank
            size = int(tied_K.sum())
            order = np.arange(size)[:, None]
            chosen.append(np.tile(tied_K / size, (size, 1)))
            shares.append(left_K - order / size * tied_K)
    return np.concatenate(chosen), np.concatenate(shares)


def _confidence(worth_K: np.ndarray, covariance_KK: np.ndarray) -> np.ndarray:
    """Mean over the others of the probability that the difference of worths has the sign that it has, (K,)."""
    variance_K = np.diag(covariance_KK)
    spread_KK = np.sqrt(np.maximum(variance_K[:, None] + variance_K[None, :] - 2 * covariance_KK, 1e-12))
    sure_KK = ndtr(np.abs(worth_K[:, None] - worth_K[None, :]) / spread_KK)
    others = max(len(worth_K) - 1, 1)
    return np.asarray((sure_KK.sum(axis=1) - np.diag(sure_KK)) / others if len(worth_K) > 1 else np.ones(1))
