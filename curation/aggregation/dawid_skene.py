"""Dawid and Skene's model: each rater has a confusion matrix, estimated together with the truth by EM.

Dawid and Skene 1979, doi:10.2307/2346806. With C categories it learns C (C - 1) numbers for each rater, more
than a rater with a handful of votes can tell; so each matrix is shrunk towards the average one by a few
fictitious votes. Without these it is the model of 1979, and the tests compare it with crowd-kit's (which is
not used here: it warns of breaking with the next pandas and stops by a bound that depends on the data's size).
"""

import numpy as np
from scipy.special import logsumexp

from curation.aggregation import Consensus, Votes
from curation.aggregation._predict import Floats, pooled_forecast

TITLE = "Dawid–Skene"
SUMMARY = "A confusion matrix for every rater; best where each rater gave many votes."
TAKES = "categories"
SHRINK = 2.0  # fictitious votes per rater and true category that fall as the average rater's do
TINY = 1e-10


def aggregate(votes: Votes, *, seed: int = 0) -> Consensus:
    """Posterior of the truth; the forecast pools it with the vote shares.

    A rater's reliability is their chance to name the true category, averaged over the categories as often as
    these are true; NaN for a rater without votes. ``seed`` chooses the votes that fit the pool.
    """
    probs_UC, reliability_R, iterations = fit(votes)
    predictive_UC, weights = pooled_forecast(votes, lambda some: {"dawid_skene": fit(some)[0]}, seed=seed)
    return Consensus(probs_UC, predictive_UC, reliability_R, {"iterations": iterations, "pool": weights})


def fit(
    votes: Votes, *, shrink: float = SHRINK, limit: int = 100, tolerance: float = 1e-5
) -> tuple[Floats, Floats, int]:
    """Posterior (U, C), reliabilities (R,) and the iterations it took.

    EM from the vote shares, until the posteriors move by less than ``tolerance`` on average or ``limit`` is reached.
    """
    U, R, C = len(votes.units), len(votes.raters), len(votes.categories)
    unit_V, rater_V, category_V = votes.unit_V, votes.rater_V, votes.category_V
    if not len(unit_V):
        return np.full((U, C), 1 / max(C, 1)), np.full(R, np.nan), 0
    cell_V = rater_V * C + category_V
    counts_UC = votes.counts_UC
    probs_UC = np.where(counts_UC.sum(axis=1, keepdims=True) > 0, counts_UC, 1.0)
    probs_UC /= probs_UC.sum(axis=1, keepdims=True)
    voted_U = np.bincount(unit_V, minlength=U) > 0
    for iteration in range(1, limit + 1):  # noqa: B007 (told in the result)
        # M: prior of the truth, and P(vote | truth) a rater; axes truth T, rater R, vote C
        prior_C = np.maximum(probs_UC[voted_U].mean(axis=0), TINY)
        counts_TRC = np.stack([np.bincount(cell_V, probs_UC[unit_V, t], R * C).reshape(R, C) for t in range(C)])
        average_TC = counts_TRC.sum(axis=1) + TINY
        average_TC /= average_TC.sum(axis=1, keepdims=True)
        confusion_TRC = np.maximum(counts_TRC + shrink * average_TC[:, None], TINY)
        confusion_TRC /= confusion_TRC.sum(axis=2, keepdims=True)
        # E
        log_TV = np.log(confusion_TRC.reshape(C, R * C)[:, cell_V])
        log_UC = np.log(prior_C) + np.stack([np.bincount(unit_V, log_TV[t], U) for t in range(C)], axis=1)
        before_UC, probs_UC = probs_UC, np.exp(log_UC - logsumexp(log_UC, axis=1, keepdims=True))
        if np.abs(probs_UC - before_UC).mean() < tolerance:
            break
    hit_R = np.einsum("t,trt->r", prior_C / prior_C.sum(), confusion_TRC)
    return probs_UC, np.where(np.bincount(rater_V, minlength=R) > 0, hit_R, np.nan), iteration
