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


def chance_wrong(margin_MN: np.ndarray, label_N: np.ndarray) -> tuple[np.ndarray, float]:
    """How likely each label is wrong, and the share of labels that are, by an ensemble that did not learn from them.

    Labels are taken to be right answers of Bradley-Terry, P(a) = σ(scale · margin), of which a share was turned round
    (Natarajan et al. 2013, symmetric noise). Scale and share are the likeliest on a grid, so nobody has to know them.

    Parameters
    ----------
    margin_MN : the mean over members counts.
    label_N : how far a is believed the better one; at ½ and NaN there is no label to doubt.

    Returns
    -------
    Probabilities in [0, 1] of shape (N,), NaN without a label; the share in [0, ½), 0 where nothing is labelled.
    """
    label_N = np.asarray(label_N, dtype=np.float64)
    known_N = np.isfinite(label_N) & (label_N != 0.5)
    wrong_N = np.full(label_N.shape, np.nan)
    if not known_N.any():
        return wrong_N, 0.0
    lead_N = np.where(label_N > 0.5, 1.0, -1.0)[known_N] * margin_MN.mean(axis=0)[known_N]  # of the label's winner
    right_SN = sigmoid(_SCALES[:, None] * (lead_N / (lead_N.std() or 1.0)))
    likelihood_SH = np.array([np.log(h + (1 - 2 * h) * right_SN).mean(axis=1) for h in _SHARES]).T
    scale, share = np.unravel_index(int(likelihood_SH.argmax()), likelihood_SH.shape)
    right_N, turned = right_SN[scale], float(_SHARES[share])
    wrong_N[known_N] = turned * (1 - right_N) / (turned * (1 - right_N) + (1 - turned) * right_N)
    return wrong_N, turned


_SCALES = np.geomspace(0.125, 16, 29)  # of margins whose standard deviation is 1
_SHARES = np.linspace(0.005, 0.495, 50)


def half_of(table: pa.Table) -> np.ndarray:
    """How far a is believed the better one, a tie counting half, shape (N,)."""
    probs_N4 = pairs.outcome_probs(table)
    return np.asarray(probs_N4[:, 0] + probs_N4[:, 2:].sum(axis=1) / 2)
