"""MACE: each rater either knows the answer or guesses in a way of their own.

Hovy, Berg-Kirkpatrick, Vaswani and Hovy 2013, https://aclanthology.org/N13-1132, fitted by variational Bayes
with the paper's priors. Written here because crowd-kit 1.4.2 pairs the guessing habits with the wrong raters
unless raters and labels first appear in sorted order (.909 instead of .937 on the released convarg gold), uses
one seed for all its restarts, and multiplies probabilities until they underflow. The tests compare both where
crowd-kit is right. Instead of random restarts it starts from equal raters, so the result is deterministic.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, logsumexp

from curation.aggregation import Consensus, Votes
from curation.aggregation._predict import Floats, pooled_forecast

TITLE = "MACE"
SUMMARY = "Weighs raters by how often they know the answer rather than guess; good with few votes a rater."
TAKES = "categories"
PRIOR_KNOWS = 0.5  # Beta(.5, .5): a rater mostly knows or mostly guesses
PRIOR_HABIT = 10.0  # Dirichlet: guessing is even until many guesses say otherwise


@dataclass(frozen=True)
class Fit:
    """Posterior of the truth, each rater's chance to know it, and how the fit went."""

    probs_UC: Floats
    knows_R: Floats
    iterations: int


def aggregate(votes: Votes, *, seed: int = 0) -> Consensus:
    """Posterior of the truth; the forecast pools it with the vote shares.

    A rater's reliability is the competence of the paper, the chance that they know rather than guess; NaN for
    a rater without votes. ``seed`` chooses the votes that fit the pool.
    """
    fitted = fit(votes)
    predictive_UC, weights = pooled_forecast(votes, lambda some: {"mace": fit(some).probs_UC}, seed=seed)
    notes = {"iterations": fitted.iterations, "pool": weights}
    return Consensus(fitted.probs_UC, predictive_UC, fitted.knows_R, notes)


def fit(votes: Votes, *, limit: int = 100, tolerance: float = 1e-5) -> Fit:
    """Variational EM until the posteriors move by less than ``tolerance`` on average or ``limit`` is reached."""
    U, R, C = len(votes.units), len(votes.raters), len(votes.categories)
    unit_V, rater_V, category_V = votes.unit_V, votes.rater_V, votes.category_V
    probs_UC = np.full((U, C), 1 / max(C, 1))
    n_R = np.bincount(rater_V, minlength=R)
    if not len(unit_V):
        return Fit(probs_UC, np.full(R, np.nan), 0)
    cell_V = rater_V * C + category_V
    guess_V, know_R, knew_R = np.full(len(unit_V), 0.5 / C), np.full(R, 0.5), n_R * 0.5
    for iteration in range(1, limit + 1):  # noqa: B007 (told in the result)
        # E: a vote for c has probability guess_V under any truth, and the rater's knowledge on top under c
        known_V = guess_V + know_R[rater_V]
        log_UC = np.bincount(unit_V, np.log(guess_V), U)[:, None] + np.bincount(
            unit_V * C + category_V, np.log(known_V / guess_V), U * C
        ).reshape(U, C)
        before_UC, probs_UC = probs_UC, np.exp(log_UC - logsumexp(log_UC, axis=1, keepdims=True))
        if np.abs(probs_UC - before_UC).mean() < tolerance:
            break
        # M: expected counts of knowing and of guesses per category, under the priors
        knew_V = probs_UC[unit_V, category_V] * know_R[rater_V] / known_V
        habit_RC = np.bincount(cell_V, 1 - knew_V, R * C).reshape(R, C) + PRIOR_HABIT
        knew_R = np.bincount(rater_V, knew_V, R).astype(np.float64)
        total_R = digamma(n_R + 2 * PRIOR_KNOWS)
        know_R = np.exp(digamma(knew_R + PRIOR_KNOWS) - total_R)
        guess_R = np.exp(digamma(n_R - knew_R + PRIOR_KNOWS) - total_R)
        habit_RC = np.exp(digamma(habit_RC) - digamma(habit_RC.sum(axis=1, keepdims=True)))
        guess_V = guess_R[rater_V] * habit_RC[rater_V, category_V]
    mean_R = (knew_R + PRIOR_KNOWS) / (n_R + 2 * PRIOR_KNOWS)
    return Fit(probs_UC, np.where(n_R > 0, mean_R, np.nan), iteration)
