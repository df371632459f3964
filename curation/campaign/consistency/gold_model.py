"""The stricter half of the rule alone: what the model of people's labels says, whatever others say."""

import numpy as np

from curation.filters import settings_schema

TITLE = "Gold model alone"
SUMMARY = "The label stays if the model of people's labels agrees with it."
SETTINGS = settings_schema()


def agrees(label_N: np.ndarray, gold_N: np.ndarray, judges_N: np.ndarray, best_N: np.ndarray) -> np.ndarray:
    """A side of 0 agrees with nothing."""
    return (label_N != 0) & (label_N == gold_N)
