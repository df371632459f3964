"""Confident learning: how many labels of each class are wrong, and which, from out-of-fold probabilities.

Source: Northcutt, Jiang and Chuang 2021 (Confident learning, arXiv 1911.00068), with the calibration and the pruning
by noise rate of the authors' package cleanlab, which the tests hold it against. Shapes: N rows, K classes.
"""

import numpy as np


def joint(label_N: np.ndarray, prob_NK: np.ndarray) -> np.ndarray:
    """(K, K) estimated counts of given label (rows) and true label (columns); they sum to N.

    A row counts for that class whose probability reaches the mean that it has among rows labelled so; the counts of
    each given label are then scaled to how often it was given.
    """
    classes = prob_NK.shape[1]
    given_K = np.bincount(label_N, minlength=classes)
    self_N = prob_NK[np.arange(len(label_N)), label_N]
    threshold_K = np.bincount(label_N, self_N, classes) / np.maximum(given_K, 1)
    threshold_K = np.where(given_K > 0, threshold_K, np.inf)
    confident_NK = prob_NK >= threshold_K - 1e-6
    guess_N = np.where(confident_NK, prob_NK, -np.inf).argmax(axis=1)
    sure_N = confident_NK.any(axis=1)
    counts_KK = np.zeros((classes, classes))
    np.add.at(counts_KK, (label_N[sure_N], guess_N[sure_N]), 1)
    np.fill_diagonal(counts_KK, np.maximum(np.diag(counts_KK), 1))
    scale_K = given_K / np.maximum(counts_KK.sum(axis=1), 1)
    return np.asarray(counts_KK * scale_K[:, None])


def noise_rate(joint_KK: np.ndarray) -> float:
    """Estimated share of wrong labels."""
    return float(1 - np.trace(joint_KK) / max(joint_KK.sum(), 1))


def issues(label_N: np.ndarray, prob_NK: np.ndarray) -> np.ndarray:
    """Which labels are wrong: of each given label and each other one as many as `joint` says, the clearest first.

    Clearest: the other class' probability exceeds the label's own by most. Rows that are equally clear share their
    fate, so no order of rows matters. A row whose own
    label is the likeliest stays.
    """
    counts_KK = np.rint(joint(label_N, prob_NK)).astype(int)
    self_N = prob_NK[np.arange(len(label_N)), label_N]
    found_N = np.zeros(len(label_N), dtype=bool)
    for given in range(prob_NK.shape[1]):
        own_N = label_N == given
        for other in range(prob_NK.shape[1]):
            count = counts_KK[given, other]
            if other == given or not count or not own_N.any():
                continue
            lead_N = np.where(own_N, prob_NK[:, other] - self_N, -np.inf)
            found_N |= own_N & (lead_N >= np.partition(lead_N, -count)[-count])
    return found_N & (prob_NK.argmax(axis=1) != label_N)
