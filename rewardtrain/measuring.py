"""What a finished model is worth on its own data: its temperature, and figures of the splits."""

from collections.abc import Callable
from typing import Any

from rewardtrain import calibration
from rewardtrain.errors import DataError
from rewardtrain.evaluation import get as suite
from rewardtrain.labels.pairs import PairSet
from rewardtrain.scoring import Scorer
from rewardtrain.splits import Splits


def measured(splits: Splits, scorer: Scorer, seed: int, *, check: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Figures of the validation and the test split, by split, at the temperature that is put into the scorer's card.

    ``check`` is called before each split and may raise.
    """
    scorer.card["temperature"] = _temperature(splits, scorer)
    found = {}
    for split in ("validation", "test"):
        table = splits.tables.get(split)
        if table is not None and len(table):
            check()
            try:
                found[split] = suite(splits.kind.SUITE).evaluate(table, scorer, seed=seed, train=splits.tables["train"])
            except DataError as error:  # such as a split of ties only: the training was still good
                found[split] = {"error": str(error)}
    return found


def _temperature(splits: Splits, scorer: Scorer) -> float:
    """What differences of rewards are divided by before they become probabilities, fitted to the validation split."""
    if not isinstance(splits.sets.get("validation"), PairSet):
        return 1.0
    table = splits.tables["validation"]
    reward_a, reward_b = scorer.score_table(table)
    return calibration.of_table(table, reward_a - reward_b, scorer.model.objective.probabilities)


def headlines(evaluations: dict[str, Any]) -> dict[str, Any]:
    """The accuracy of each split that has one."""
    return {
        f"{split}_accuracy": result["accuracy"]["value"]
        for split, result in evaluations.items()
        if "accuracy" in result
    }
