"""The best of n responses, and the best part of a dataset, by the reward or by its lower bound.

Pure: NumPy only. Shapes: N rows.
"""

from collections.abc import Sequence

import numpy as np

from rewardtrain.errors import DataError


def order(score_N: np.ndarray) -> np.ndarray:
    """Places by score, the best first; of equals, the earlier one first.

    >>> order(np.array([1.0, 3.0, 1.0]))
    array([1, 0, 2])
    """
    return np.argsort(-score_N, kind="stable")


def best_of(score_N: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Whether a row is the best of its group: one a group, of equals the first.

    >>> best_of(np.array([1.0, 3.0, 3.0, 0.0]), ["a", "a", "a", "b"])
    array([False,  True, False,  True])
    """
    best: dict[str, int] = {}
    for place, group in enumerate(groups):
        if group not in best or score_N[place] > score_N[best[group]]:
            best[group] = place
    chosen_N = np.zeros(len(score_N), dtype=bool)
    chosen_N[list(best.values())] = True
    return chosen_N


def kept(score_N: np.ndarray, *, share: float | None = None, least: float | None = None) -> np.ndarray:
    """Whether a row is kept: among the best ``share`` of all (rounded up, of equals the first), or at least ``least``.

    >>> kept(np.array([1.0, 3.0, 2.0]), share=0.5)
    array([False,  True,  True])
    """
    if (share is None) == (least is None):
        raise DataError("Give a share to keep, or the least score; one of them.")
    if least is not None:
        return score_N >= least
    if not 0 <= share <= 1:  # type: ignore[operator]
        raise DataError(f"The share to keep must be between 0 and 1, not {share}.")
    kept_N = np.zeros(len(score_N), dtype=bool)
    kept_N[order(score_N)[: int(np.ceil(round(share * len(score_N), 9)))]] = True  # type: ignore[operator]
    return kept_N
