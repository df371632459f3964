"""Newman's model with ties: every contestant has a strength, shared by all the pairs it stands in.

Newman 2023, https://www.jmlr.org/papers/v24/22-1086.html, equation 29 (Davidson 1970): between strengths s and t

    P(a) ∝ exp((s - t) / 2),   P(b) ∝ exp((t - s) / 2),   P(tie) ∝ 2ν,

and any further outcome (both bad) gets a constant like the tie's. So a pair is judged by every comparison that
its two sides took part in, not only by its own votes. The paper's prior regularises: each contestant won and
lost one fictitious comparison against strength 0, and two equals once drew and once did not. So strengths stay
finite for the undefeated and where contestants share no pair. Fitted by L-BFGS on the list of pairs (the
posterior is concave): evalica.newman, which the tests compare with, holds a K x K matrix, too large for a
project of separate pairs, and has no prior.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, log_expit, log_softmax

from curation.aggregation import Consensus, NotPairwise, Votes
from curation.aggregation._predict import Floats

TITLE = "Newman"
SUMMARY = "Strengths with ties from the graph of comparisons; for responses that are compared again and again."
TAKES = "categories"


@dataclass(frozen=True)
class Fit:
    """What the comparisons say.

    Attributes
    ----------
    probs_UC : outcome distribution of each unit; for a unit that is no pair, that of two equals.
    strength_K : log-strengths; 0 is the prior's mean.
    tie : ν, at equal strengths the odds of a tie against a decision; NaN without the category.
    """

    probs_UC: Floats
    strength_K: Floats
    tie: float


def aggregate(votes: Votes, *, seed: int = 0) -> Consensus:
    """The fitted outcome distribution, as posterior and as forecast. ``seed`` is not used.

    The model knows outcomes, not raters, so no rater has a reliability; a tie is the likeliest outcome only
    between near equals.

    Raises
    ------
    NotPairwise
        If the votes do not compare two sides, or lack the categories "a" and "b".
    """
    fitted = fit(votes)
    notes = {"tie": None if np.isnan(fitted.tie) else round(fitted.tie, 4), **graph(votes)}
    return Consensus(fitted.probs_UC, fitted.probs_UC, np.full(len(votes.raters), np.nan), notes)


def fit(votes: Votes, *, prior: float = 1.0) -> Fit:
    """Maximum of the posterior, with ``prior`` fictitious comparisons of each kind.

    Raises
    ------
    NotPairwise
        As `aggregate`.
    """
    if votes.sides_U2 is None or not {"a", "b"} <= set(votes.categories):
        raise NotPairwise("Newman's model compares two sides; these votes are not about pairs with outcomes a and b.")
    C = len(votes.categories)
    a, b = votes.categories.index("a"), votes.categories.index("b")
    others = [c for c in range(C) if c not in (a, b)]
    pair_U = votes.sides_U2[:, 0] >= 0
    side_P2, counts_PC = votes.sides_U2[pair_U], votes.counts_UC[pair_U]
    n_P, K = counts_PC.sum(axis=1), int(votes.sides_U2.max(initial=-1)) + 1

    def logits(x: Floats) -> Floats:
        gap_P = x[side_P2[:, 0]] - x[side_P2[:, 1]]
        z_PC = np.empty((len(gap_P), C))
        z_PC[:, a], z_PC[:, b], z_PC[:, others] = gap_P / 2, -gap_P / 2, x[K:]
        return z_PC

    def loss(x: Floats) -> tuple[float, Floats]:
        log_p_PC = log_softmax(logits(x), axis=1)
        error_PC = n_P[:, None] * np.exp(log_p_PC) - counts_PC
        half_P = (error_PC[:, a] - error_PC[:, b]) / 2
        strength, odds = x[:K], x[K:] - np.log(2)  # odds: of another outcome against a decision between equals
        gradient = np.concatenate(
            [
                np.bincount(side_P2[:, 0], half_P, K) - np.bincount(side_P2[:, 1], half_P, K),
                error_PC[:, others].sum(axis=0),
            ]
        )
        gradient += prior * np.concatenate([2 * expit(strength) - 1, 2 * expit(odds) - 1])
        fictitious = sum((log_expit(y) + log_expit(-y)).sum() for y in (strength, odds))
        return float(-(counts_PC * log_p_PC).sum() - prior * fictitious), gradient

    x = minimize(loss, np.zeros(K + len(others)), jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
    equals_C = np.zeros(C)
    equals_C[others] = x[K:]
    log_UC = np.tile(log_softmax(equals_C), (len(pair_U), 1))
    log_UC[pair_U] = log_softmax(logits(x), axis=1)
    tie = np.exp(x[K + others.index(votes.categories.index("tie"))]) / 2 if "tie" in votes.categories else np.nan
    return Fit(np.exp(log_UC), x[:K], float(tie))


def graph(votes: Votes) -> dict[str, int]:
    """How much the pairs share: contestants, and the separate parts that they fall into."""
    if votes.sides_U2 is None:
        return {"contestants": 0, "parts": 0}
    a_P, b_P = votes.sides_U2[votes.sides_U2[:, 0] >= 0].T
    K = int(votes.sides_U2.max(initial=-1)) + 1
    parts, _ = connected_components(coo_array((np.ones(len(a_P)), (a_P, b_P)), shape=(K, K)), directed=False)
    return {"contestants": K, "parts": int(parts)}
