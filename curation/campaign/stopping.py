"""When the first stage ends, and which round's model was the best. Pure: knows no Django. Shapes: R rounds."""

from collections.abc import Sequence

import numpy as np

REASONS = {
    "": "It goes on.",
    "rounds": "All rounds that were planned are done.",
    "patience": "No round of late brought a better model.",
    "money": "The money is spent.",
    "nothing": "Nothing is left to label: no pair was fetched, or nobody may label it.",
}


def best_round(accuracy_R: Sequence[float]) -> int:
    """Place of the round whose model is the most accurate; the earliest of several."""
    return int(np.argmax(np.asarray(accuracy_R, float)))


def reason(accuracy_R: Sequence[float], *, rounds: int, patience: int, spent: float = 0.0, money: float = 0.0) -> str:
    """Why no further pairs are to be labelled, "" where some are.

    Parameters
    ----------
    accuracy_R : of the models so far, on the same pairs of gold; the first is that of the seed.
    rounds : how many rounds may follow the seed.
    patience : rounds without a better model after which to stop; 0: never.
    money : budget; 0: none is set.
    """
    if len(accuracy_R) > rounds:
        return "rounds"
    if money and spent >= money:
        return "money"
    if patience and len(accuracy_R) - 1 - best_round(accuracy_R) >= patience:
        return "patience"
    return ""
