"""Models whose rewards are known, and files to read, for the tests of the suites."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


class Known:
    """Rewards by response, 0 where none is named, or by a function of prompt and response."""

    def __init__(self, reward: Callable[[str, str], float] | None = None, **rewards: float) -> None:
        self.reward = reward or (lambda prompt, response: rewards.get(response, 0.0))

    def score(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.array([self.reward(*pair) for pair in zip(prompts, responses, strict=True)], float)

    def probabilities(self, delta_P: np.ndarray) -> np.ndarray:
        p = 1 / (1 + np.exp(-delta_P))
        return np.column_stack([p, np.zeros_like(p), 1 - p])


class Several(Known):
    """An ensemble: one table of rewards a member; its own reward is their mean."""

    def __init__(self, *tables: dict[str, float]) -> None:
        self.tables = tables

    def members(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.array([[table.get(response, 0.0) for response in responses] for table in self.tables])

    def score(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return self.members(prompts, responses).mean(axis=0)


def file(folder: Path, *rows: dict[str, Any]) -> Path:
    """The rows as JSON lines."""
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path
