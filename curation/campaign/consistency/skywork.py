"""The rule of Skywork-Reward-V2 (arXiv 2507.01352): the gold model agrees, and so do the judges or the best model."""

import numpy as np

from curation.filters import settings_schema

TITLE = "Gold model, and judges or best model"
SUMMARY = "The label stays if the model of people's labels agrees with it, and the judges or the best model do too."
SETTINGS = settings_schema()


def agrees(label_N: np.ndarray, gold_N: np.ndarray, judges_N: np.ndarray, best_N: np.ndarray) -> np.ndarray:
    """A side of 0 agrees with nothing."""
    said_N = label_N != 0
    return said_N & (label_N == gold_N) & ((label_N == judges_N) | (label_N == best_N))
