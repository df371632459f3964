"""From the steps of a response to its reward, and steps made coarser for training.

    aggregate([.9, .2, .8], "min")                          .2
    merged([Step("a", 1), Step("b", 0), Step("c", 1)])      a+b: 0, b+c: 1

The least step judges a chain by its weakest link (PURE, arXiv 2504.15275, argues for it against the sum), the product
is the chance that all steps hold if they are independent (arXiv 2305.20050), the last is the outcome. Knows no torch.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

_BY_NAME: dict[str, Callable[[Sequence[float]], float]] = {
    "min": min,
    "product": math.prod,
    "mean": lambda rewards: math.fsum(rewards) / len(rewards),
    "last": lambda rewards: rewards[-1],
}
WAYS = tuple(_BY_NAME)


def aggregate(rewards: Sequence[float], way: str) -> float:
    """One reward of those of the steps.

    Parameters
    ----------
    rewards : of the steps, in order; from 0 to 1 for "product" to mean anything.
    way : one of `WAYS`.

    Raises
    ------
    ValueError
        Without steps, or for another way.
    """
    if not len(rewards):
        raise ValueError("A response without steps has no reward of its steps.")
    if way not in _BY_NAME:
        raise ValueError(f"There is no way {way!r} of putting steps together. Those that exist: {', '.join(WAYS)}.")
    return float(_BY_NAME[way](rewards))


@dataclass(frozen=True)
class Step:
    """A step's text and label; the label is None where nobody judged it."""

    text: str
    label: float | None


def merged(
    steps: Sequence[Step], size: int = 2, label: Literal["last", "worst"] = "last", joint: str = "\n"
) -> list[Step]:
    """Every run of ``size`` neighbouring steps as one step, to be trained on beside the single ones.

    The label is that of the run's last step, so that a mistake which the next step puts right counts as put right;
    "worst" takes the least label. Runs whose label is not known are left out.

    Hierarchical node compression (HRM, arXiv 2503.13551).
    """
    found = []
    for start in range(len(steps) - size + 1):
        run = steps[start : start + size]
        labels = [step.label for step in run if step.label is not None]
        value = run[-1].label if label == "last" else min(labels) if len(labels) == size else None
        if value is not None:
            found.append(Step(joint.join(step.text for step in run), value))
    return found
