"""The looser half of the rule alone, for campaigns with too few answers of people to make a model of."""

import numpy as np

from curation.filters import settings_schema

TITLE = "Judges or best model"
SUMMARY = "The label stays if the judges or the best model agree with it; the gold model is not asked."
SETTINGS = settings_schema()


def agrees(label_N: np.ndarray, gold_N: np.ndarray, judges_N: np.ndarray, best_N: np.ndarray) -> np.ndarray:
    """A side of 0 agrees with nothing."""
    return (label_N != 0) & ((label_N == judges_N) | (label_N == best_N))
