"""Majority vote: every vote counts the same, and the shares are the distribution.

Leaves out who voted: no rater is trusted more than another. The yardstick for the other methods; the best
choice below about five votes a rater.
"""

import numpy as np

from curation.aggregation import Consensus, Votes
from curation.aggregation._predict import smoothed_shares

TITLE = "Majority"
SUMMARY = "The share of the votes; every rater counts the same."
TAKES = "categories"


def aggregate(votes: Votes, *, seed: int = 0) -> Consensus:
    """Shares of the votes; the forecast is the shares with fitted additive smoothing.

    A unit without votes has equal shares. A rater's reliability is the mean share of the other raters who
    chose as they did, NaN where nobody else judged the same units. ``seed`` is not used.
    """
    counts_UC = votes.counts_UC
    n_U = counts_UC.sum(axis=1)
    even = np.full(counts_UC.shape, 1 / max(len(votes.categories), 1))
    probs_UC = np.divide(counts_UC, n_U[:, None], out=even, where=n_U[:, None] > 0)
    predictive_UC, concentration = smoothed_shares(votes)
    return Consensus(probs_UC, predictive_UC, _agreement_R(votes, counts_UC), {"concentration": concentration})


def _agreement_R(votes: Votes, counts_UC: np.ndarray) -> np.ndarray:
    others_V = counts_UC.sum(axis=1)[votes.unit_V] - 1
    same_V = counts_UC[votes.unit_V, votes.category_V] - 1
    shared_V = others_V > 0
    share_V = same_V[shared_V] / others_V[shared_V]
    n_R = np.bincount(votes.rater_V[shared_V], minlength=len(votes.raters))
    sum_R = np.bincount(votes.rater_V[shared_V], weights=share_V, minlength=len(votes.raters))
    return np.divide(sum_R, n_R, out=np.full(len(votes.raters), np.nan), where=n_R > 0)
