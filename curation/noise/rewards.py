"""Latent rewards of texts, from comparisons some of whose labels are flipped.

Every text s has a reward u_s; all together have a Gaussian prior whose covariance is a weighted sum of kernels, such
as a linear one on features (what a reward model could learn) and the identity (what is particular to a text). The
label of a pair says a with probability

    eps + (1 - 2 eps) Phi(u_first - u_second)

where the log odds of a flip, eps, may depend on traits of the pair, such as how much there is to read. Weights and
flip rate are learnt from the labels themselves. So a label is held against what texts like these are
worth, and against all other comparisons of the same two texts, at once: on the debates of bench/curation.py either
alone finds fewer flips.

Sources: expectation propagation for Gaussian processes, Rasmussen and Williams 2006, sections 3.6 and 5.5
(https://gaussianprocess.org/gpml); the likelihood with flips, Kim and Ghahramani 2008 (Outlier robust Gaussian
process classification); pairs, Chu and Ghahramani 2005 (Preference learning with Gaussian processes).
Shapes: S texts, P pairs, C kernels, K traits.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.special import expit, logit, ndtr

MOST_ITERATIONS = 30  # the scale of rewards creeps on longer, for no better an answer
TOLERANCE = 1e-3  # of the log of a kernel's weight, of the flip rate, and of a site
_DAMPING = 0.7  # share of the new in each update of a site
_WARM_UP = 2  # iterations before the hyperparameters move
_SMALLEST = 1e-6
_START = 0.45  # of the flip rate: from below, the search ends where rewards are small and nothing is flipped
_FLIP_RATE = (1e-3, 0.49)  # at 1/2 a label would say nothing
_TRAIT_PRIOR = 1.0  # precision of the log odds that a deviation of a trait is worth


@dataclass(frozen=True)
class Rewards:
    """What the labels say together.

    Attributes
    ----------
    flip_rate : estimated share of flipped labels among those not known, in [0, .5); 0 where all are known.
    variance_C : estimated weight of each kernel.
    mean_S : posterior mean of each reward, in units of the comparison's own noise.
    ahead_P : posterior probability that the first text's reward is the higher one.
    wrong_P : probability that the label is flipped, given all other labels and it; 0 where it is known.
    leave_out_P : probability that the label is not what a flawless judge would say, given all *other* labels.
    """

    flip_rate: float
    variance_C: np.ndarray
    mean_S: np.ndarray
    ahead_P: np.ndarray
    wrong_P: np.ndarray
    leave_out_P: np.ndarray


def fit(
    kernel_CSS: np.ndarray,
    first_P: np.ndarray,
    second_P: np.ndarray,
    a_better_P: np.ndarray,
    known_P: np.ndarray | None = None,
    trait_PK: np.ndarray | None = None,
) -> Rewards:
    """Rewards, kernel weights and flip rate by expectation propagation and empirical Bayes.

    Parameters
    ----------
    kernel_CSS : positive semidefinite kernels with a mean diagonal near 1.
    first_P, second_P : the texts compared, integers below S, never the same one.
    a_better_P : whether the label says that the first is the better one.
    known_P : labels that are certainly not flipped, such as those that people verified; none by default.
    trait_PK : what the flip rate may depend on; nothing by default. The same for a pair and its mirror image: what
        depends on which side the label favours cannot be told from taste.

    Raises
    ------
    ValueError
        If a pair compares a text with itself, or there is no pair.

    Time grows with S cubed (850 texts and 11,000 pairs: two seconds), memory with C S squared.
    """
    if not len(first_P) or (np.asarray(first_P) == second_P).any():
        raise ValueError("Rewards need at least one pair, and pairs of two different texts.")
    known_P = np.zeros(len(first_P), dtype=bool) if known_P is None else known_P
    sign_P = np.where(a_better_P, 1.0, -1.0)
    kernels, texts = len(kernel_CSS), kernel_CSS.shape[1]
    trait_PK = _standardised(np.zeros((len(sign_P), 0)) if trait_PK is None else trait_PK)
    odds_K = np.zeros(trait_PK.shape[1])
    odds_K[0] = logit(_START)
    eps_P, variance_C = np.where(known_P, 0.0, _START), np.full(kernels, 1 / kernels)
    precision_P, shift_P = np.full(len(sign_P), 0.05), 0.05 * sign_P
    lowest = -np.inf  # precision that a site may have
    for iteration in range(MOST_ITERATIONS):
        kernel_SS = np.tensordot(variance_C, kernel_CSS, axes=1)
        laplacian_SS, pull_S = _gathered(first_P, second_P, precision_P, shift_P, texts)
        inner = linalg.lu_factor(np.eye(texts) + kernel_SS @ laplacian_SS, check_finite=False)
        covariance_SS = linalg.lu_solve(inner, kernel_SS, check_finite=False)
        mean_S = covariance_SS @ pull_S
        mean_P, variance_P = _differences(mean_S, covariance_SS, first_P, second_P)
        if (variance_P <= 0).any():  # too many sites at once took precision away
            lowest, precision_P = 0.0, np.maximum(precision_P, 0.0)
            continue
        ahead_P = ndtr(mean_P / np.sqrt(variance_P))
        cavity = _cavity(mean_P, variance_P, precision_P, shift_P)
        agreed_P, evidence_P, new_precision_P, new_shift_P = _moments(*cavity, sign_P, eps_P)
        wrong_P = eps_P * (1 - agreed_P) / evidence_P
        change = np.abs(new_precision_P - precision_P).max()
        precision_P = np.maximum(precision_P + _DAMPING * (new_precision_P - precision_P), lowest)
        shift_P = shift_P + _DAMPING * (new_shift_P - shift_P)
        if iteration < _WARM_UP:
            continue
        step_C = _steps(kernel_CSS, laplacian_SS, covariance_SS, pull_S - laplacian_SS @ mean_S)
        moved = np.abs(np.log(step_C[variance_C > 10 * _SMALLEST])).max(initial=0)
        variance_C = np.maximum(variance_C * step_C, _SMALLEST)
        if not known_P.all():
            odds_K = _odds(odds_K, trait_PK[~known_P], wrong_P[~known_P])
            new_eps_P = np.where(known_P, 0.0, np.clip(expit(trait_PK @ odds_K), *_FLIP_RATE))
            moved, eps_P = max(moved, np.abs(new_eps_P - eps_P).max()), new_eps_P
        if max(moved, change) < TOLERANCE:
            break
    flip_rate = float(eps_P[~known_P].mean()) if not known_P.all() else 0.0
    return Rewards(flip_rate, variance_C, mean_S, ahead_P, wrong_P, 1 - agreed_P)


def _standardised(trait_PK: np.ndarray) -> np.ndarray:
    """The traits in deviations, after a column of ones."""
    spread_K = trait_PK.std(axis=0)
    scaled_PK = (trait_PK - trait_PK.mean(axis=0)) / np.where(spread_K > 0, spread_K, 1.0)
    return np.column_stack([np.ones(len(trait_PK)), scaled_PK])


def _odds(odds_K: np.ndarray, trait_PK: np.ndarray, wrong_P: np.ndarray) -> np.ndarray:
    """Weights of the log odds of a flip that fit the probabilities of flips best: a logistic regression."""
    prior_K = np.array([1e-6, *np.full(len(odds_K) - 1, _TRAIT_PRIOR)])
    for _ in range(3):  # Newton's steps, from near the end
        eps_P = expit(trait_PK @ odds_K)
        slope_K = trait_PK.T @ (wrong_P - eps_P) - prior_K * odds_K
        bend_KK = (trait_PK * (eps_P * (1 - eps_P))[:, None]).T @ trait_PK + np.diag(prior_K)
        odds_K = np.clip(odds_K + np.linalg.solve(bend_KK, slope_K), -8.0, 8.0)
    return odds_K


def _gathered(
    first_P: np.ndarray, second_P: np.ndarray, precision_P: np.ndarray, shift_P: np.ndarray, texts: int
) -> tuple[np.ndarray, np.ndarray]:
    """What all sites say of the rewards: precision (a Laplacian of the graph of pairs) and precision times mean."""
    flat = np.bincount(first_P * texts + second_P, precision_P, texts * texts).reshape(texts, texts)
    edges_SS = flat + flat.T
    laplacian_SS = np.diag(edges_SS.sum(axis=1)) - edges_SS
    return laplacian_SS, np.bincount(first_P, shift_P, texts) - np.bincount(second_P, shift_P, texts)


def _differences(
    mean_S: np.ndarray, covariance_SS: np.ndarray, first_P: np.ndarray, second_P: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and variance of the difference of each pair."""
    own_S = np.diag(covariance_SS)
    shared_P = covariance_SS[first_P, second_P] + covariance_SS[second_P, first_P]
    return mean_S[first_P] - mean_S[second_P], own_S[first_P] + own_S[second_P] - shared_P


def _cavity(
    mean_P: np.ndarray, variance_P: np.ndarray, precision_P: np.ndarray, shift_P: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each difference without the pair's own site."""
    left_P = np.maximum(1 / variance_P - precision_P, 1e-6)
    return (mean_P / variance_P - shift_P) / left_P, 1 / left_P


def _moments(
    mean_P: np.ndarray, variance_P: np.ndarray, sign_P: np.ndarray, eps_P: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of each pair: a flawless judge's probability of the label, its evidence, and its site's precision and shift."""
    scale_P = np.sqrt(1 + variance_P)
    z_P = sign_P * mean_P / scale_P
    agreed_P = np.clip(ndtr(z_P), 1e-12, 1)
    evidence_P = eps_P + (1 - 2 * eps_P) * agreed_P
    density_P = (1 - 2 * eps_P) * np.exp(-(z_P**2) / 2) / np.sqrt(2 * np.pi) / evidence_P
    slope_P = density_P * sign_P / scale_P
    curvature_P = -density_P * z_P / scale_P**2 - slope_P**2
    new_mean_P = mean_P + variance_P * slope_P
    new_variance_P = np.maximum(variance_P + variance_P**2 * curvature_P, 1e-9)
    # May be negative: a label that contradicts all others makes one less sure. Held at 0, rewards come out too small.
    precision_P = 1 / new_variance_P - 1 / variance_P
    return agreed_P, evidence_P, precision_P, new_mean_P * (precision_P + 1 / variance_P) - mean_P / variance_P


def _steps(
    kernel_CSS: np.ndarray, laplacian_SS: np.ndarray, covariance_SS: np.ndarray, residual_S: np.ndarray
) -> np.ndarray:
    """Factor on each kernel's weight: 1 where the evidence has no slope (MacKay's fixed point, the sites held)."""
    spread_SS = laplacian_SS - laplacian_SS @ covariance_SS @ laplacian_SS
    explained_C = np.array([residual_S @ kernel_SS @ residual_S for kernel_SS in kernel_CSS])
    expected_C = np.array([np.vdot(spread_SS, kernel_SS) for kernel_SS in kernel_CSS])
    return np.clip(explained_C / np.maximum(expected_C, 1e-12), 0.2, 5.0)
