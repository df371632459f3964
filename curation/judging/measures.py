"""How a judge behaves, from its own samples alone: does it keep to its choice, and does the order sway it?

The three measures of position bias are those of Shi et al. 2024 (arXiv 2406.07791): position consistency, preference
fairness and repetition stability, with two changes that make them easier to read: fairness is the plain difference of
two shares, and stability is the chance that two samples agree, which does not depend on how many were drawn. Each is
a mean over cases, so its interval is a bootstrap over cases. Pure: knows no Django.
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
FIRST, SECOND = "first", "second"


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
    position_consistency : share of cases whose choice is the same in both orders, of those with a choice in both.
    preference_fairness : share of cases in which what was shown second is chosen in both orders less that in which
        what was shown first is, in [-1, 1]; 0 is fair, below 0 leans to the first.
    position_lean : share of samples that choose the first shown less that of those that choose the second, every
        order weighing the same, in [-1, 1]; what a judge's noise does not change.
    repetition_stability : chance that two samples of the same request choose the same.
    no_answer : share of samples that refuse or do not parse.
    """

    position_consistency: Measure
    preference_fairness: Measure
    position_lean: Measure
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
        over(lambda case: lean(case, dimension)),
        over(lambda case: stability(case, dimension)),
        over(no_answer),
    )


def consistency(case: Sequence[Sample], dimension: str = OVERALL) -> float:
    """1 where both orders choose the same, 0 where they do not, NaN where an order has no clear choice."""
    majorities = [_majority(chosen) for chosen in _by_order(case, dimension).values()]
    if len(majorities) < 2 or None in majorities:
        return float("nan")
    return float(len(set(majorities)) == 1)


def fairness(case: Sequence[Sample], dimension: str = OVERALL) -> float:
    """1 where both orders choose what they show second, -1 where what they show first, else 0; NaN as above."""
    by_order = _by_order(case, dimension)
    places = [_place(order, choice) for order, chosen in by_order.items() if (choice := _majority(chosen)) is not None]
    if len(places) < 2:
        return float("nan")
    return {FIRST: -1.0, SECOND: 1.0}.get(places[0], 0.0) if len(set(places)) == 1 else 0.0


def lean(case: Sequence[Sample], dimension: str = OVERALL) -> float:
    """Share of first less share of second, each order weighing the same; NaN where an order has no sample."""
    by_order = _by_order(case, dimension)
    if len(by_order) < 2 or not all(by_order.values()):
        return float("nan")
    shares = [
        np.mean([{FIRST: 1.0, SECOND: -1.0}.get(_place(order, choice), 0.0) for choice in chosen])
        for order, chosen in by_order.items()
    ]
    return float(np.mean(shares))


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


def _majority(chosen: Sequence[str]) -> str | None:
    """What is chosen most; None where nothing is, or two things are as often."""
    best = Counter(chosen).most_common(2)
    return best[0][0] if best and (len(best) == 1 or best[0][1] > best[1][1]) else None


def _place(order: Sequence[str], choice: str) -> str:
    return {order[0]: FIRST, order[1]: SECOND}.get(choice, choice)
