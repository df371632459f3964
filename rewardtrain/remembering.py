"""A model that is asked for the same texts once: a suite measures a table, then tells its rows. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np


class Remembering:
    """A `rewardtrain.scoring.Scorer` that keeps the last scores it gave; whatever else is asked goes to it.

    Only the last, for a suite that asks many times asks for other texts each time.
    """

    def __init__(self, scorer: Any) -> None:
        self._scorer = scorer
        self._asked: tuple[list[str], list[str]] | None = None
        self._found: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scorer, name)

    def score(self, prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
        """Rewards of N texts."""
        return np.asarray(self.scores(prompts, responses).reward_N)

    def members(self, prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
        """Rewards by each member, (M, N)."""
        return np.asarray(self.scores(prompts, responses).member_MN)

    def scores(self, prompts: Sequence[str], responses: Sequence[str]) -> Any:
        """All that the model says of N texts."""
        asked = list(prompts), list(responses)
        if asked != self._asked:
            self._found = self._scorer.scores(*asked)
            self._asked = asked
        return self._found
