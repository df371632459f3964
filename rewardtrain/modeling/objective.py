"""A loss as training and scoring use it: the plug-in with its settings, its facts and the weights of its own.

Shapes as in `rewardtrain.modeling.losses`.
"""

from collections.abc import Mapping
from typing import Any

import torch

from rewardtrain import settings
from rewardtrain.modeling import losses
from rewardtrain.modeling.losses import Facts

PLAIN = "bradley_terry"


class Objective(torch.nn.Module):
    """What a head's outputs mean: rewards, deviations, aspects, and how far they are from the labels.

    Attributes
    ----------
    outputs : K, how many numbers the head must give.
    learned : weights of the loss itself; empty for most.
    """

    def __init__(self, name: str, given: Mapping[str, Any], facts: Facts | None = None, width: int = 0) -> None:
        super().__init__()
        self.loss: Any = losses.get(name)
        self.settings, self.facts = given, facts or Facts()
        self.outputs = int(self._or("outputs", lambda *_: 1)(given, self.facts))
        self.learned: torch.nn.Module = self._or("learned", lambda *_: torch.nn.Module())(given, self.facts, width)

    def _or(self, name: str, default: Any) -> Any:
        return getattr(self.loss, name, default)

    def label_losses(self, batch: Any) -> torch.Tensor:
        """loss_L of a batch of the kind that the loss learns from."""
        found: torch.Tensor = self.loss.label_losses(batch, self.settings, self.learned)
        return found

    def reward(self, out_UK: torch.Tensor) -> torch.Tensor:
        """reward_U: what responses are ranked by."""
        found: torch.Tensor = self._or("reward", lambda out, *_: out[:, 0])(out_UK, self.settings, self.learned)
        return found

    def deviation(self, out_UK: torch.Tensor) -> torch.Tensor | None:
        """Standard deviation of the reward, (U,), where the loss gives one."""
        found: torch.Tensor | None = self._or("deviation", lambda *_: None)(out_UK, self.settings, self.learned)
        return found

    def aspects(self, out_UK: torch.Tensor) -> torch.Tensor:
        """(U, A): a reward for each dimension; A is 0 where the loss knows none."""
        found: torch.Tensor = self._or("aspects", lambda out, *_: out[:, :0])(out_UK, self.settings, self.learned)
        return found

    def probabilities(self, delta_P: torch.Tensor) -> torch.Tensor:
        """(P, 3) of a wins, tie, b wins."""
        found: torch.Tensor = self.loss.probabilities(delta_P, self.settings)
        return found


def plain() -> Objective:
    """One reward, as Bradley and Terry's model has it."""
    return Objective(PLAIN, settings.complete(losses.get(PLAIN).SETTINGS, {}, "The loss"))
