"""How a judge behaves, from its own samples alone: does it keep to its choice, and does the order sway it?

The measures of position bias are those of Shi et al. 2024 (arXiv 2406.07791): position consistency, preference fairness
and repetition stability. Consistency and stability are chances that two samples choose the same, which do not depend on
how many were drawn or refused; fairness is the plain difference of shares, not rescaled. All are means over cases, so
their intervals are bootstraps over cases. Pure: knows no Django.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from annotate.feedback import OVERALL
from curation.judges import Sample

RESAMPLES = 1000


@dataclass(frozen=True)
class Measure:
    """A mean over ``n`` cases with its 95 % interval; NaN where no case tells anything."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Behaviour:
    """What a judge's samples tell of it.

    Attributes
    ----------
    position_consistency : chance that a sample of one order and one of the other choose the same.
    preference_fairness : share of samples that choose what was shown second less that of those that choose what was
        shown first, every order weighing the same, in [-1, 1]; 0 is fair, below 0 leans to the first.
    repetition_stability : chance that two samples of the same request choose the same.
    no_answer : share of samples that refuse or do not parse.
    """

    position_consistency: Measure
    preference_fairness: Measure
    repetition_stability: Measure
    no_answer: Measure


def behaviour(cases: Sequence[Sequence[Sample]], *, dimension: str = OVERALL, seed: int = 0) -> Behaviour:
    """Measures over the samples of many pairwise cases.

    Parameters
    ----------
    cases : for each case the samples of a judge that showed two responses, in both orders.
    dimension : which of the answer's verdicts is looked at.
    """

    def over(measure: Callable[[Sequence[Sample]], float]) -> Measure:
        return mean([measure(case) for case in cases], seed=seed)

    return Behaviour(
        over(lambda case: consistency(case, dimension)),
        over(lambda case: fairness(case, dimension)),
        over(lambda case: stability(case, dimension)),
        over(no_answer),
    )


def consistency(case: Sequence[Sample], dimension: str = OVERALL) -> float:
    """Chance that both orders choose the same; NaN where an order has no sample."""
    shares = list(_shares(case, dimension).values())
    if len(shares) < 2 or not all(shares):
        return float("nan")
    return sum(share * shares[1].get(choice, 0.0) for choice, share in shares[0].items())


def fairness(case: Sequence[Sample], dimension: str = OVERALL) -> float:
    """Share of what was shown second less share of what was shown first, mean over the orders; NaN as above."""
    shares = _shares(case, dimension)
    if len(shares) < 2 or not all(shares.values()):
        return float("nan")
    return sum(of.get(order[1], 0.0) - of.get(order[0], 0.0) for order, of in shares.items()) / len(shares)


def stability(case: Sequence[Sample], dimension: str = OVERALL) -> float:
    """Chance that two different samples of one order choose the same; NaN where no order has two."""
    chances = []
    for chosen in _by_order(case, dimension).values():
        if (n := len(chosen)) > 1:
            chances.append(sum(count * (count - 1) for count in Counter(chosen).values()) / (n * (n - 1)))
    return float(np.mean(chances)) if chances else float("nan")


def no_answer(case: Sequence[Sample]) -> float:
    """Share of the samples that gave none; NaN where there are no samples."""
    return float(np.mean([bool(sample.error) for sample in case])) if case else float("nan")


def mean(values: Sequence[float], *, seed: int = 0) -> Measure:
    """Mean of those values that are numbers, with a bootstrap interval over them."""
    value_N = np.asarray(values, float)
    value_N = value_N[~np.isnan(value_N)]
    if not len(value_N):
        return Measure(float("nan"), float("nan"), float("nan"), 0)
    rng = np.random.default_rng(seed)
    draws = [value_N[rng.integers(0, len(value_N), len(value_N))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Measure(float(value_N.mean()), float(low), float(high), len(value_N))


def _by_order(case: Sequence[Sample], dimension: str) -> dict[tuple[str, ...], list[str]]:
    """What the samples choose, by order; an order without any answer is there, empty."""
    found: dict[tuple[str, ...], list[str]] = {}
    for order, group in groupby(sorted(case, key=_order), _order):
        found[order] = [choice for sample in group if (choice := _choice(sample.answer, dimension)) is not None]
    return found


def _order(sample: Sample) -> tuple[str, ...]:
    return sample.order


def _choice(answer: Any, dimension: str) -> str | None:
    return answer[dimension]["chosen"] if answer is not None and dimension in answer else None


def _shares(case: Sequence[Sample], dimension: str) -> dict[tuple[str, ...], dict[str, float]]:
    """By order, the share of each choice; {} where the order has no answer."""
    return {
        order: {choice: count / len(chosen) for choice, count in Counter(chosen).items()}
        for order, chosen in _by_order(case, dimension).items()
    }
