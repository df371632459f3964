"""Votes against verified outcomes."""

import numpy as np

from curation.quality import Evidence


def rightness(evidence: Evidence, vote: np.ndarray) -> np.ndarray:
    """1 where a vote names the verified winner, one half where it is undecided, else 0."""
    outcome, gold = evidence.outcome_V[vote], evidence.gold_V[vote]
    return np.where(outcome == gold, 1.0, np.where(np.isin(outcome, ["tie", "both_bad"]), 0.5, 0.0))
