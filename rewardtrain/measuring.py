"""What a finished model is worth on its own data: temperature and figures of the splits."""

from typing import Any

from rewardtrain import calibration, splits
from rewardtrain.errors import DataError
from rewardtrain.evaluation import get as suite
from rewardtrain.labels.pairs import PairSet
from rewardtrain.scoring import Scorer


def temperature_of(parts: splits.Splits, scorer: Scorer) -> float:
    """What differences of rewards are divided by before they become probabilities, fitted to the validation split."""
    found = parts.sets.get("validation")
    if not isinstance(found, PairSet):
        return 1.0
    reward_a, reward_b = scorer.score_table(parts.tables["validation"])
    return calibration.of_table(parts.tables["validation"], reward_a - reward_b, scorer.model.objective.probabilities)


def measured(parts: splits.Splits, split: str, scorer: Scorer, seed: int) -> dict[str, Any]:
    try:
        return suite(parts.kind.SUITE).evaluate(parts.tables[split], scorer, seed=seed, train=parts.tables["train"])
    except DataError as error:  # such as a split of ties only: the training was still good
        return {"error": str(error)}


def headlines(evaluations: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{split}_accuracy": result["accuracy"]["value"]
        for split, result in evaluations.items()
        if "accuracy" in result
    }
