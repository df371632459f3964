"""Rewards as policies want them; each on request, in this order: bound, least step, centre, squash, quantile, clip.

Pure: NumPy only. Shapes: N responses, R rewards of a reference sample.
"""

from collections.abc import Sequence

import numpy as np


def conservative(reward_N: np.ndarray, deviation_N: np.ndarray, k: float) -> np.ndarray:
    """The lower bound mean − k · sd: high only where the members of an ensemble agree.

    Coste et al. 2024, "Reward model ensembles help mitigate overoptimization", https://arxiv.org/abs/2310.02743
    (there as uncertainty-weighted optimisation, with the variance).

    >>> conservative(np.array([1.0, 1.0]), np.array([0.0, 0.5]), 2.0)
    array([1., 0.])
    """
    return reward_N - k * deviation_N


def least(reward_S: np.ndarray, counts: Sequence[int]) -> np.ndarray:
    """The min-form: a chain of steps is worth what its worst step is worth; ``counts`` are steps a response.

    Cheng et al. 2025, "Stop summation: min-form credit assignment is all process reward model needs for reasoning",
    https://arxiv.org/abs/2504.15275

    >>> least(np.array([3.0, 1.0, 2.0]), [2, 1])
    array([1., 2.])
    """
    return np.array([part.min() for part in np.split(reward_S, np.cumsum(counts)[:-1])]) if counts else np.zeros(0)


def preference(reward_N: np.ndarray, reference_N: np.ndarray | float) -> np.ndarray:
    """Preference as reward: the probability that a response beats the reference response, bounded and centred.

    Fu et al. 2025, "Reward shaping to mitigate reward hacking in RLHF", https://arxiv.org/abs/2502.18770

    >>> preference(np.array([2.0, 2.0]), np.array([2.0, -1000.0]))
    array([0.5, 1. ])
    """
    difference_N = np.clip(reward_N - reference_N, -500, 500)
    return 1 / (1 + np.exp(-difference_N))


def quantile(reward_N: np.ndarray, reference_R: np.ndarray) -> np.ndarray:
    """The share of a reference sample that a reward exceeds, ties half: comparable between models.

    >>> quantile(np.array([0.0, 2.0, 9.0]), np.array([1.0, 2.0, 3.0, 4.0]))
    array([0.   , 0.375, 1.   ])
    """
    sorted_R = np.sort(reference_R)
    below_N, upto_N = (np.searchsorted(sorted_R, reward_N, side) for side in ("left", "right"))
    return (below_N + upto_N) / (2 * len(sorted_R))
