"""A cascade: cheap judges first, dearer ones where those are unsure, people for the rest, with a promise.

The promise: of the pairs that judges answer in people's place, at least a chosen share agrees with people, save with
probability delta over the labels that the plan was made from. It is kept by fixed-sequence testing, after Jung et al.
2024, *Trust or Escalate* (arXiv 2407.18370), in the general form of Angelopoulos et al. 2021, *Learn then Test*
(arXiv 2110.01052): candidate thresholds stand in an order fixed without looking at the labels that test them, the
strictest first; each is tested at level delta, and the last before the first failure is taken. What differs:

- One order for the whole cascade instead of one for each judge. A second judge's test is not valid on pairs that the
  first judge's threshold, itself found with the same labels, let through. So judges share one scale: what a part of
  the labels, used for nothing else, says of how often each is right at its confidence (for a single judge any scale
  gives the same order, and all labels test). A common level on it goes down, and the whole cascade is tested.
- Where the first candidate fails, nothing is promised and everything goes to people.
- Pairs of one prompt are judged alike, so an exact binomial test of pairs would promise too much. Where every prompt
  has one pair, that test is used; else prompts are what is counted, by a test that `p_value` describes. One pair a
  prompt would be exact too, but throws most labels away, and bounds for any dependence whatever (betting, Hoeffding)
  promised nothing where this test promises half of the pairs.

It holds for prompts drawn as the labelled ones were, and for one promise chosen beforehand. Pure: knows no Django.
Shapes: N pairs, J judges, C prompts (clusters), S candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.stats import binom
from scipy.stats import t as student

from curation import resampling

STEPS = 100  # candidates, evenly spaced in the share of pairs that judges answer
FEWEST = 30  # prompts that a test is made with at least
TUNING = 0.25  # share of labelled prompts that put several judges on one scale
_SURE = 1e-4


@dataclass(frozen=True)
class Judge:
    """One judge of a cascade.

    Attributes
    ----------
    name : identifier.
    said_N : verdicts, places in `annotate.records.OUTCOMES`; -1 where it gave none.
    confidence_N : how sure it is of its verdict, in [0, 1]; any scale that grows with the chance of being right.
    cost : of one verdict.
    """

    name: str
    said_N: np.ndarray
    confidence_N: np.ndarray
    cost: float = 0.0


@dataclass(frozen=True)
class Plan:
    """Who answers what, and what is promised of it.

    Attributes
    ----------
    promise, delta : what was asked for.
    holds : whether anything is promised; if not, all goes to people.
    level : of the common scale; None where nothing is promised.
    thresholds : by judge, the least confidence at which its verdict is taken; None where it never is.
    judge_N : who answers each pair, -1 for people.
    shares : of all pairs, by judge, then people; they sum to 1.
    asked : of all pairs, by judge: how many it must judge, for those behind it see only what is left.
    agreement : of the accepted labelled pairs, as `curation.resampling.mean`; the promise is its lower bound, this
        is an estimate, a little too kind where many candidates were tried.
    cost : expected, of one pair.
    candidates : [{"level", "share", "n", "agreement", "p"}] as tested, the strictest first.
    reason : why nothing is promised, in words; "" where something is.
    """

    promise: float
    delta: float
    holds: bool
    level: float | None
    thresholds: tuple[float | None, ...]
    judge_N: np.ndarray
    shares: tuple[float, ...]
    asked: tuple[float, ...]
    agreement: dict[str, Any]
    cost: float
    candidates: list[dict[str, Any]]
    reason: str = ""


class Cascade:
    """Judges in order, from cheap to dear, with people's verdicts on some of the pairs.

    Parameters
    ----------
    judges : at least one; verdicts and confidences on all pairs, labelled or not.
    people_N : people's verdicts; -1 where they are not known.
    cluster_N : the prompt of each pair.
    people_cost : of one verdict by people.
    seed : of the choice of prompts that put judges on one scale.
    """

    def __init__(
        self,
        judges: Sequence[Judge],
        people_N: np.ndarray,
        cluster_N: np.ndarray,
        *,
        people_cost: float = 0.0,
        seed: int = 0,
    ) -> None:
        if not judges:
            raise ValueError("A cascade needs a judge.")
        self.judges, self.people_N, self.people_cost = tuple(judges), people_N, people_cost
        _, self.cluster_N = np.unique(cluster_N, return_inverse=True)
        self.said_JN = np.array([judge.said_N for judge in judges])
        self.tests_N = people_N >= 0
        self.scales = [(0.0, 1.0)] * len(self.judges)
        if len(self.judges) > 1:
            tuning_N = self._set_apart(seed)
            self.tests_N = self.tests_N & ~tuning_N
            self.scales = [_scale(judge, people_N, tuning_N) for judge in self.judges]
        self.level_JN = np.array(
            [
                np.where(judge.said_N >= 0, np.nan_to_num(_level(judge.confidence_N, scale)), 0.0)
                for judge, scale in zip(self.judges, self.scales, strict=True)
            ]
        )
        best_N = self.level_JN.max(axis=0)
        shares = np.arange(1, STEPS + 1) / STEPS
        levels = np.quantile(best_N, 1 - shares, method="inverted_cdf") if len(best_N) else np.zeros(0)
        self.levels = [float(level) for level in np.unique(levels)[::-1] if level > 0]

    def plan(self, promise: float, delta: float = 0.05) -> Plan:
        """The plan that leaves people the least work and keeps the promise.

        Parameters
        ----------
        promise : least share of agreement with people among what judges answer, in (0, 1).
        delta : chance, in (0, 1), that the labels at hand mislead into a promise that is not kept.
        """
        if not (0 < promise < 1 and 0 < delta < 1):
            raise ValueError("A promise and its delta are shares between 0 and 1.")
        alpha, level, candidates, reason = 1 - promise, None, [], ""
        for candidate in self.levels:
            judge_N, rows_N, wrong_N = self._tried(candidate)
            n_C = np.bincount(self.cluster_N[rows_N])
            if np.count_nonzero(n_C) < fewest(alpha, delta):
                continue
            p = p_value(np.bincount(self.cluster_N[rows_N], weights=wrong_N), n_C, alpha)
            share = float((judge_N >= 0).mean())
            tried = {"level": candidate, "share": share, "n": len(wrong_N), "agreement": 1 - float(wrong_N.mean())}
            candidates.append({**tried, "p": p})
            if p > delta:
                break
            level = candidate
        if level is None:
            reason = self._why_not(alpha, delta, candidates)
        return self._plan(promise, delta, level, candidates, reason)

    def untested(self, promise: float) -> Plan:
        """What the same labels suggest without a test: the most that judges can answer so that, on these labels, they
        agree as often as promised. It is often not kept, and is here to be compared with."""
        right = ((level, 1 - self._tried(level)[2]) for level in self.levels)
        fitting = [level for level, right_N in right if len(right_N) and right_N.mean() >= promise]
        return self._plan(promise, 1.0, fitting[-1] if fitting else None, [], "")

    def _plan(
        self, promise: float, delta: float, level: float | None, candidates: list[dict[str, Any]], reason: str
    ) -> Plan:
        if level is None:
            judge_N = np.full(len(self.people_N), -1)
            rows_N, wrong_N = np.zeros(len(judge_N), dtype=bool), np.zeros(0)
        else:
            judge_N, rows_N, wrong_N = self._tried(level)
        J, N = len(self.judges), max(len(judge_N), 1)
        by_judge = [float((judge_N == j).sum()) / N for j in range(J)]
        people = 1 - sum(by_judge)
        asked = [0.0 if level is None else 1 - sum(by_judge[:j]) for j in range(J)]
        cost = sum(judge.cost * share for judge, share in zip(self.judges, asked, strict=True))
        thresholds = [None if level is None else _threshold(level, scale) for scale in self.scales]
        return Plan(
            promise, delta, level is not None, level, tuple(thresholds), judge_N, (*by_judge, people), tuple(asked),
            resampling.mean(1 - wrong_N, self.cluster_N[rows_N]), cost + self.people_cost * people, candidates, reason,
        )  # fmt: skip

    def _tried(self, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Who answers each pair at a level, which labelled pairs are tested by it, and where those are wrong."""
        taken_JN = self.level_JN >= level
        judge_N = np.where(taken_JN.any(axis=0), taken_JN.argmax(axis=0), -1)
        rows_N = self.tests_N & (judge_N >= 0)
        wrong_N = self.said_JN[judge_N[rows_N], np.flatnonzero(rows_N)] != self.people_N[rows_N]
        return judge_N, rows_N, wrong_N.astype(float)

    def _set_apart(self, seed: int) -> np.ndarray:
        """Labelled pairs of a share of the labelled prompts."""
        prompts = np.unique(self.cluster_N[self.people_N >= 0])
        apart = np.random.default_rng(seed).permutation(prompts)[: round(TUNING * len(prompts))]
        return (self.people_N >= 0) & np.isin(self.cluster_N, apart)

    def _why_not(self, alpha: float, delta: float, candidates: list[dict[str, Any]]) -> str:
        if candidates:
            first = candidates[0]
            return (
                f"Even where they are surest, judges agree with people in {first['agreement']:.1%} of {first['n']} "
                f"labelled pairs, which does not show that it is {1 - alpha:.1%} in truth."
            )
        prompts = len(np.unique(self.cluster_N[self.tests_N]))
        return (
            f"Too few labels: {fewest(alpha, delta)} prompts labelled by people are needed among those that judges "
            f"answer, and {prompts} are labelled in all."
        )


def confidence(said_N: np.ndarray, p_a_N: np.ndarray) -> np.ndarray:
    """How sure a judge is of its verdict, from its probability that a is better.

    A judge that never gives one is equally sure of all of its verdicts, so it is taken wholly or not at all.
    """
    if not np.isfinite(p_a_N).any():
        return np.where(said_N >= 0, 1.0, np.nan)
    return np.select([said_N < 0, said_N == 0, said_N == 1], [np.nan, p_a_N, 1 - p_a_N], 1 - np.abs(2 * p_a_N - 1))


def fewest(alpha: float, delta: float) -> int:
    """Prompts that a test needs to pass, were judges wrong half as often as is allowed; none is made with fewer."""
    n = np.arange(1, 20_000)
    passes = binom.cdf(np.floor(n * alpha / 2), n, alpha) <= delta
    return max(FEWEST, int(n[passes][0])) if passes.any() else len(n)


def p_value(wrong_C: np.ndarray, n_C: np.ndarray, alpha: float) -> float:
    """Of the hypothesis that judges are wrong in more than a share ``alpha`` of the pairs that they answer.

    Parameters
    ----------
    wrong_C, n_C : wrong and all accepted pairs of each prompt; prompts without any say nothing.

    Notes
    -----
    Where no prompt has more than one, the exact binomial test. Else a one-sided t-test over prompts of
    wrong - alpha * n, whose expectation is positive under the hypothesis, with one prompt added that is of mean size
    and wholly wrong. Without it the test fails where wrong answers are rare and come together in few prompts, for then
    most samples hold none of them: at a level of .05 it passes in up to .21 of cases, with it in no more than .05,
    for 40 to 300 prompts of 1 to 11 pairs, alpha from .05 to .2 and correlations from .05 to .7
    (tests/curation/judging/test_cascade.py). It is a large-sample test, not exact.
    """
    wrong_C, n_C = wrong_C[n_C > 0], n_C[n_C > 0]
    if n_C.max(initial=0) <= 1:
        return float(binom.cdf(wrong_C.sum(), n_C.sum(), alpha))
    z_C = np.append(wrong_C - alpha * n_C, (1 - alpha) * n_C.mean())
    error = max(z_C.std(ddof=1) / np.sqrt(len(z_C)), 1e-12)
    return float(student.cdf(z_C.mean() / error, len(z_C) - 1))


def _scale(judge: Judge, people_N: np.ndarray, rows_N: np.ndarray) -> tuple[float, float]:
    """Intercept and slope of the log odds of being right in the log odds of confidence (Platt), never falling.

    A normal prior around (0, 1), that is around honest confidence, keeps few labels from saying too much.
    """
    rows_N = rows_N & (judge.said_N >= 0) & np.isfinite(judge.confidence_N)
    x_N, right_N = _logit(judge.confidence_N[rows_N]), (judge.said_N == people_N)[rows_N]

    def loss(beta: np.ndarray) -> float:
        z_N = beta[0] + beta[1] * x_N
        return float(np.sum(np.logaddexp(0, z_N) - right_N * z_N) + (beta[0] ** 2 + (beta[1] - 1) ** 2) / 2)

    intercept, slope = minimize(loss, np.array([0.0, 1.0]), bounds=[(-20, 20), (0, 20)]).x
    return float(intercept), float(slope)


def _level(confidence_N: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
    if scale == (0.0, 1.0):
        return confidence_N
    return np.asarray(1 / (1 + np.exp(-(scale[0] + scale[1] * _logit(confidence_N)))))


def _threshold(level: float, scale: tuple[float, float]) -> float | None:
    """The confidence at which a judge reaches a level; None where it never does."""
    if scale == (0.0, 1.0):
        return level
    intercept, slope = scale
    wanted = float(_logit(np.array(level)))
    if slope < 1e-6:
        return 0.0 if intercept >= wanted else None
    found = float(1 / (1 + np.exp(-(wanted - intercept) / slope)))
    return found if found <= 1 - _SURE else None


def _logit(p_N: np.ndarray) -> np.ndarray:
    safe_N = np.clip(p_N, _SURE, 1 - _SURE)
    return np.asarray(np.log(safe_N) - np.log1p(-safe_N))
