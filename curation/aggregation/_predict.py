"""How the next vote will fall: smoothed vote shares, and pools of experts fitted on votes held out.

A posterior of the true category is no forecast of the next vote: it grows certain with every vote while
raters go on differing, and it was fitted on the very votes it would be judged by. So each method's forecast
is a logarithmic opinion pool (Genest and Zidek 1986, doi:10.1214/ss/1177013825),

    p(c) ∝ exp(Σ_j w_j log q_j(c) + b_c),    w ≥ 0,

of the smoothed shares and of what the method believes, with weights fitted on votes that the experts had not
seen. A ridge keeps the weights near "shares alone" where votes are few. Shapes: J experts; else as the package.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, softmax

from curation.aggregation import Votes

Floats = NDArray[np.float64]
FLOOR = 1e-4  # no expert may call a category less likely than this: one expert's blunder must not ruin a pool
RIDGE = 10.0  # pull of the pool towards the shares alone, in held-out votes


def smoothed_shares(votes: Votes) -> tuple[Floats, float]:
    """Vote shares with the additive smoothing that best predicts each vote from the others of its unit.

    Returns
    -------
    shares_UC : (n_uc + k π_c) / (n_u + k) with π the overall shares; rows sum to 1.
    k : the concentration, in votes, between 0.01 and 10,000; near 1 where no unit has two votes.
    """
    counts_UC = votes.counts_UC
    total_C = counts_UC.sum(axis=0)
    base_C = (total_C + 1) / (total_C.sum() + len(votes.categories))
    n_U = counts_UC.sum(axis=1)
    unit_N, category_N = np.nonzero(counts_UC * (n_U[:, None] >= 2))
    own_N, all_N, base_N = counts_UC[unit_N, category_N], n_U[unit_N], base_C[category_N]

    def loss(log_k: float) -> float:
        k = np.exp(log_k)
        left_out_N = np.log((own_N - 1 + k * base_N) / (all_N - 1 + k))
        return float(log_k**2 / 20 - own_N @ left_out_N)  # the first term decides only where votes do not

    k = float(np.exp(minimize_scalar(loss, bounds=(np.log(0.01), np.log(1e4)), method="bounded").x))
    return (counts_UC + k * base_C) / (n_U[:, None] + k), k


def pooled_forecast(
    votes: Votes, believe: Callable[[Votes], dict[str, Floats]], *, seed: int
) -> tuple[Floats, dict[str, float]]:
    """The next vote of an average rater, from the shares and from what a method believes.

    Parameters
    ----------
    votes : all votes.
    believe : fits the method to some votes and gives (U, C) distributions by name, the same names each time.
    seed : chooses the votes that are held out to fit the pool.

    Returns
    -------
    forecast_UC : rows sum to 1.
    weights : by expert; "shares" comes first.
    """
    experts = _experts(votes, believe)
    repeats = int(np.clip(20_000 // max(len(votes.unit_V), 1), 1, 5))
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(repeats):
        held_H = one_vote_a_unit(votes, rng)
        if len(held_H):
            seen = _experts(votes.select(np.delete(np.arange(len(votes.unit_V)), held_H)), believe)
            logs_HCJ = np.stack(list(seen.values()), axis=2)[votes.unit_V[held_H]]
            parts.append((logs_HCJ, votes.category_V[held_H]))
    weight_J, bias_C = _fit(parts, len(experts), len(votes.categories))
    forecast_UC = softmax(np.stack(list(experts.values()), axis=2) @ weight_J + bias_C, axis=1)
    return forecast_UC, dict(zip(experts, weight_J.round(4).tolist(), strict=True))


def one_vote_a_unit(votes: Votes, rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices of one random vote from every unit that has two or more."""
    order_V = rng.permutation(len(votes.unit_V))
    units, first = np.unique(votes.unit_V[order_V], return_index=True)
    enough = np.bincount(votes.unit_V, minlength=len(votes.units))[units] >= 2
    return np.sort(order_V[first[enough]])


def _experts(votes: Votes, believe: Callable[[Votes], dict[str, Floats]]) -> dict[str, Floats]:
    believed = {"shares": smoothed_shares(votes)[0], **believe(votes)}
    return {name: np.log(np.clip(q_UC, FLOOR, 1)) for name, q_UC in believed.items()}


def _fit(parts: list[tuple[Floats, NDArray[np.int64]]], J: int, C: int) -> tuple[Floats, Floats]:
    start = np.concatenate([[1.0], np.zeros(J - 1 + C)])
    if not parts:
        return start[:J], start[J:]
    logs_HCJ = np.concatenate([logs for logs, _ in parts])
    category_H = np.concatenate([category for _, category in parts])
    row_H = np.arange(len(category_H))

    def loss(x: Floats) -> tuple[float, Floats]:
        log_p_HC = log_softmax(logs_HCJ @ x[:J] + x[J:], axis=1)
        error_HC = np.exp(log_p_HC)
        error_HC[row_H, category_H] -= 1
        gradient = np.concatenate([np.einsum("hc,hcj->j", error_HC, logs_HCJ), error_HC.sum(axis=0)])
        ridge = RIDGE * (x - start)  # the repeats hold out the same votes, so together they count once
        value = -log_p_HC[row_H, category_H].sum() / len(parts) + ridge @ (x - start) / 2
        return float(value), gradient / len(parts) + ridge

    bounds = [(0, None)] * J + [(None, None)] * C
    x = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return x[:J], x[J:]
