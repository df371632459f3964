"""CROWDLAB: people's votes and models' own probabilities averaged, each weighing what it is worth.

    p(c) ∝ Σ_m w_m p_m(c) + Σ_r w_r l_r(c),      l_r = P on what rater r chose, the rest evenly on the others

P is how often a vote agrees with the majority. A rater weighs 1 - e_r / e_0, e_r the share of other raters who chose
otherwise, e_0 the error of always choosing the commonest answer; a model weighs 1 - e_m / e_0 with its error against
the majority, times the root of the mean number of votes. So where a model is no better than the commonest answer only
people count, and where a pair has one careless vote the model decides.

Source: Goh, Tkachenko and Mueller 2022, arXiv 2210.06812; the tests compare with cleanlab's. A model's votes are those
that come with a probability of their own (`Votes.belief_V`); without any, people's votes alone are weighed. Where the
majority is tied and no model tells, the tied answers share it, so that no label comes first by its name. M models.
"""

import numpy as np

from curation.aggregation import Consensus, Votes
from curation.aggregation._predict import Floats, pooled_forecast

TITLE = "CROWDLAB"
SUMMARY = "People's votes with models' probabilities, each weighing what it is worth; for pairs that models judged too."
TAKES = "categories"
_LEAST = 1e-6  # weight of who is no better than the commonest answer


def aggregate(votes: Votes, *, seed: int = 0) -> Consensus:
    """The weighted average; the forecast pools it with the shares. ``seed`` chooses the votes that fit the pool.

    A rater's reliability is the share of others that agree with them, a model's the agreement with the majority; NaN
    for who shares no unit with others.
    """
    probs_UC, reliability_R, weights = fit(votes)
    predictive_UC, pool = pooled_forecast(votes, lambda some: {"crowdlab": fit(some)[0]}, seed=seed)
    return Consensus(probs_UC, predictive_UC, reliability_R, {"models": weights, "pool": pool})


def fit(votes: Votes) -> tuple[Floats, Floats, dict[str, float]]:
    """Posterior (U, C), reliabilities (R,), and the weights of the models by name."""
    U, R, C = len(votes.units), len(votes.raters), len(votes.categories)
    beliefs = _beliefs(votes)
    people = votes if votes.belief_V is None else votes.select(~np.isfinite(votes.belief_V))
    counts_UC = people.counts_UC
    n_U = counts_UC.sum(axis=1)
    several_U = n_U > 1
    majority_UC = _majority(counts_UC, beliefs)
    agreement_U = (majority_UC * counts_UC).sum(axis=1) / np.maximum(n_U, 1)
    P = float(agreement_U[several_U].mean()) if several_U.any() else 0.5 + 0.5 / max(C, 1)
    share_C = majority_UC[several_U].mean(axis=0) if several_U.any() else np.full(C, 1 / max(C, 1))
    base_error = max(1 - float(share_C.max(initial=0)), _LEAST)

    agrees_R = _agreement(people, counts_UC)
    known_R = np.isfinite(agrees_R)
    filled_R = np.where(known_R, agrees_R, agrees_R[known_R].mean() if known_R.any() else 0.5)
    weight_R = np.clip(1 - (1 - filled_R) / base_error, _LEAST, None)
    rest = (1 - P) / max(C - 1, 1)
    weight_V = weight_R[people.rater_V]
    total_U: Floats = np.bincount(people.unit_V, weight_V, U).astype(np.float64)
    cells = people.unit_V * C + people.category_V
    chosen_UC = np.bincount(cells, weight_V, U * C).reshape(U, C)
    sum_UC = rest * total_U[:, None] + (P - rest) * chosen_UC

    weights: dict[str, float] = {}
    for model, belief_UC in beliefs.items():
        told_U = np.isfinite(belief_UC).all(axis=1)
        judged_U = told_U & several_U
        right = (majority_UC[judged_U] * _best(belief_UC[judged_U])).sum(axis=1)
        accuracy = float(right.mean()) if judged_U.any() else 1 - base_error
        weight = (
            max(1 - (1 - accuracy) / base_error, _LEAST) * float(np.sqrt(n_U[n_U > 0].mean())) if n_U.any() else 1.0
        )
        weights[model] = round(weight, 6)
        agrees_R[votes.raters.index(model)] = accuracy if judged_U.any() else np.nan
        sum_UC[told_U] += weight * belief_UC[told_U]
        total_U[told_U] += weight
    even = np.full((U, C), 1 / max(C, 1))
    probs_UC = np.divide(sum_UC, total_U[:, None], out=even, where=total_U[:, None] > 0)
    probs_UC /= np.maximum(probs_UC.sum(axis=1, keepdims=True), 1e-300)
    return probs_UC, agrees_R.reshape(R), weights


def _beliefs(votes: Votes) -> dict[str, Floats]:
    """Each model's distribution over the categories by its name, (U, C), NaN where it says nothing.

    A probability of a that counts ties half becomes one of a, b and tie by letting ties be as common as among people,
    as far as the probability allows.
    """
    if votes.belief_V is None or not {"a", "b"} <= set(votes.categories):
        return {}
    model_V = np.isfinite(votes.belief_V)
    a, b = votes.categories.index("a"), votes.categories.index("b")
    tie = votes.categories.index("tie") if "tie" in votes.categories else None
    said_C = np.bincount(votes.category_V[~model_V], minlength=len(votes.categories)) + 1.0
    tie_share = float(said_C[tie] / said_C.sum()) if tie is not None else 0.0
    U = len(votes.units)
    found = {}
    for rater in np.unique(votes.rater_V[model_V]).tolist():
        own_V = model_V & (votes.rater_V == rater)
        times_U = np.bincount(votes.unit_V[own_V], minlength=U)
        with np.errstate(invalid="ignore"):
            p_U = np.bincount(votes.unit_V[own_V], votes.belief_V[own_V], U) / np.where(times_U > 0, times_U, np.nan)
        belief_UC = np.where(np.isnan(p_U)[:, None], np.nan, np.zeros((U, len(votes.categories))))
        tied_U = np.minimum(tie_share, 2 * np.minimum(p_U, 1 - p_U))
        belief_UC[:, a], belief_UC[:, b] = p_U - tied_U / 2, 1 - p_U - tied_U / 2
        if tie is not None:
            belief_UC[:, tie] = tied_U
        found[votes.raters[rater]] = belief_UC
    return found


def _majority(counts_UC: Floats, beliefs: dict[str, Floats]) -> Floats:
    """The majority of each unit; a tie goes to what the models find likelier, else it is shared."""
    leads_UC = counts_UC == counts_UC.max(axis=1, keepdims=True, initial=0)
    believed_UC = np.zeros(counts_UC.shape)
    for belief_UC in beliefs.values():
        believed_UC += np.nan_to_num(belief_UC)
    return _best(np.where(leads_UC, believed_UC, -1.0))


def _best(values_UC: Floats) -> Floats:
    """1 at the largest value of each row, shared where several are as large."""
    best_UC = np.isclose(values_UC, values_UC.max(axis=1, keepdims=True, initial=-np.inf), rtol=0, atol=1e-12)
    return best_UC / np.maximum(best_UC.sum(axis=1, keepdims=True), 1)


def _agreement(people: Votes, counts_UC: Floats) -> Floats:
    """Of each rater's fellow votes on the same units, the share that says the same; NaN where there are none."""
    R = len(people.raters)
    same_V = counts_UC[people.unit_V, people.category_V] - 1
    others_V = counts_UC.sum(axis=1)[people.unit_V] - 1
    others_R = np.bincount(people.rater_V, others_V, R)
    same_R = np.bincount(people.rater_V, same_V, R)
    return np.divide(same_R, others_R, out=np.full(R, np.nan), where=others_R > 0)
