"""How well each consensus method finds the released gold and predicts a vote that was held out.

Data: 69,075 votes on 13,845 pairs of arguments (Habernal and Gurevych 2016), in ``TOUCHSTONE_DATA/convarg``. The
gold was itself estimated from these votes, with MACE, so it favours MACE; the held-out votes favour nobody. One
random vote of every pair is held out, several times; every method forecasts it from the other votes. The shares
that it is held against are smoothed additively, one pseudo-count a category, with those pseudo-counts that suit
the held-out votes themselves best, which is more than fair to the shares. Equally likely winners share the credit.
"""

import gzip
import json
import os
import time
from itertools import islice
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from annotate.feedback import Reading
from bench import Figure, Unavailable, script
from curation import aggregation
from curation.aggregation import Votes

CATEGORIES = ("a", "b", "tie")
RESAMPLES = 2000


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Accuracy, log-loss in nats, and seconds of every method."""
    votes, gold_U = read(1000 if quick else None)
    rng = np.random.default_rng(seed)
    splits = [hold_out(votes, rng) for _ in range(1 if quick else 3)]
    shares_SU = [best_shares_loss(votes, held_U, rest) for held_U, rest in splits]
    shares_U = np.mean(shares_SU, axis=0)
    figures = [mean("smoothed shares: log-loss of a held-out vote", shares_U, seed, unit="nats")]
    for name in aggregation.names():
        method, default = aggregation.get(name), name == aggregation.DEFAULT
        start = time.perf_counter()
        probs_UC = method.aggregate(votes, seed=seed).probs_UC
        seconds = time.perf_counter() - start
        losses_SU = [loss(method.aggregate(rest, seed=seed).predictive_UC, votes, held_U) for held_U, rest in splits]
        loss_U = np.mean(losses_SU, axis=0)
        top_UC = probs_UC == probs_UC.max(axis=1, keepdims=True)
        credit_U = top_UC[np.arange(len(gold_U)), gold_U] / top_UC.sum(axis=1)
        bar, better = ({"bar": 0.905}, {"bar": 0.0}) if default and not quick else ({}, {})
        figures += [
            mean(f"{name}: accuracy, gold ties included", credit_U[gold_U >= 0], seed, **bar),
            mean(f"{name}: accuracy, gold ties left out", credit_U[(gold_U == 0) | (gold_U == 1)], seed),
            mean(f"{name}: log-loss of a held-out vote", loss_U, seed, unit="nats"),
            mean(f"{name}: gain over smoothed shares", shares_U - loss_U, seed, unit="nats", **better),
            Figure(f"{name}: time", seconds, unit="s", n=len(votes.unit_V)),
        ]
    return figures


def read(limit: int | None) -> tuple[Votes, np.ndarray]:
    """The votes and the gold category of each pair (-1 where none was released)."""
    path = Path(os.environ.get("TOUCHSTONE_DATA", "")) / "convarg" / "pairs.jsonl.gz"
    if not path.is_file():
        raise Unavailable("Set TOUCHSTONE_DATA to a folder of real annotations that has convarg/pairs.jsonl.gz.")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = {row["id"]: row for row in map(json.loads, islice(file, limit))}
    readings = [
        Reading(item, "a:b", "", vote["rater"], vote["choice"]) for item in rows for vote in rows[item]["votes"]
    ]
    votes = Votes.from_readings(
        readings, CATEGORIES, lambda item, side: rows[item]["prompt"] + "\n" + rows[item][f"response_{side}"]
    )
    gold = [rows[item]["gold"] for item, _, _ in votes.units]
    return votes, np.array([CATEGORIES.index(label) if label else -1 for label in gold])


def hold_out(votes: Votes, rng: np.random.Generator) -> tuple[np.ndarray, Votes]:
    """One random vote of every pair, and the votes without these."""
    order_V = rng.permutation(len(votes.unit_V))
    _, first_U = np.unique(votes.unit_V[order_V], return_index=True)
    held_U = order_V[first_U]
    return held_U, votes.select(np.delete(np.arange(len(votes.unit_V)), held_U))


def loss(forecast_UC: np.ndarray, votes: Votes, held_U: np.ndarray) -> np.ndarray:
    """Negative log of what the forecast gave to each held-out vote."""
    return -np.log(forecast_UC[votes.unit_V[held_U], votes.category_V[held_U]])


def best_shares_loss(votes: Votes, held_U: np.ndarray, rest: Votes) -> np.ndarray:
    """Loss of the shares with the pseudo-counts that make it least on these very votes."""
    counts_UC = rest.counts_UC

    def smoothed(log_C: np.ndarray) -> np.ndarray:
        pseudo_UC = counts_UC + np.exp(log_C)
        return loss(pseudo_UC / pseudo_UC.sum(axis=1, keepdims=True), votes, held_U)

    found = minimize(lambda log_C: smoothed(log_C).mean(), np.zeros(len(votes.categories)), method="Nelder-Mead")
    return smoothed(found.x)


def mean(name: str, value_N: np.ndarray, seed: int, *, unit: str = "", bar: float | None = None) -> Figure:
    """A mean over pairs with its bootstrap interval."""
    rng = np.random.default_rng(seed)
    draws = [value_N[rng.integers(0, len(value_N), len(value_N))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Figure(name, float(value_N.mean()), float(low), float(high), bar=bar, unit=unit, n=len(value_N))


if __name__ == "__main__":
    script(measure)
