"""What strategies measure on an ensemble's margins and rewards. Shapes as in `curation.selection`."""

import numpy as np
import pyarrow as pa

from curation import pairs


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(np.asarray(x, dtype=np.float64) / 2)))


def bits(p: np.ndarray) -> np.ndarray:
    """Entropy in bits of a binary outcome of probability ``p``."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.asarray(-(p * np.log2(p) + (1 - p) * np.log2(1 - p)))


def mutual_information(margin_MN: np.ndarray) -> np.ndarray:
    """Mutual information in bits between the answer and the member, H(mean p) - mean H(p), shape (N,).

    Houlsby et al. 2011, arXiv 1112.5745. 0 where all members agree, however unsure each of them is.
    """
    p_MN = sigmoid(margin_MN)
    return np.maximum(bits(p_MN.mean(axis=0)) - bits(p_MN).mean(axis=0), 0.0)


def bounds(reward_MN2: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bound of the rewards of both sides: mean less and plus ``width`` deviations, each (N, 2)."""
    mean_N2, deviation_N2 = reward_MN2.mean(axis=0), reward_MN2.std(axis=0)
    return mean_N2 - width * deviation_N2, mean_N2 + width * deviation_N2


def chance_wrong(margin_MN: np.ndarray, p_a_N: np.ndarray) -> np.ndarray:
    """How likely the label is wrong by an ensemble that did not learn from the row, shape (N,), NaN at a tie.

    The mean probability that the members give to the response that lost.
    """
    p_N = sigmoid(margin_MN).mean(axis=0)
    return np.where(p_a_N == 0.5, np.nan, np.where(p_a_N > 0.5, 1 - p_N, p_N))


def half_of(table: pa.Table) -> np.ndarray:
    """How far a is believed the better one, a tie counting half, shape (N,)."""
    probs_N4 = pairs.outcome_probs(table)
    return np.asarray(probs_N4[:, 0] + probs_N4[:, 2:].sum(axis=1) / 2)
