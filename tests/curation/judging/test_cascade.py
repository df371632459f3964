"""The cascade keeps its promise on simulated judges of known worth, and promises nothing where it cannot."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from scipy.stats import t as student

from curation.judging.cascade import Cascade, Judge, confidence, fewest, p_value

DELTA, DRAWS = 0.05, 60


class Pool:
    """Pairs whose judges are right with known chances; the pairs of a prompt share their luck."""

    def __init__(self, seed: int, *, prompts: int = 700, each: int = 4, labelled: int = 200, worth=(0.75,)) -> None:
        draw = np.random.default_rng(seed)
        N = prompts * each
        self.cluster = np.repeat(np.arange(prompts), each)
        self.truth = draw.integers(0, 2, N)
        self.labels = np.where(self.cluster < labelled, self.truth, -1)
        self.judges = []
        for place, mean in enumerate(worth):
            luck = draw.normal(0, 0.7, prompts)[self.cluster]
            own = draw.normal(np.log(mean / (1 - mean)), 1.2, N)
            right = draw.random(N) < 1 / (1 + np.exp(-(own + luck)))
            said = np.where(right, self.truth, 1 - self.truth)
            self.judges.append(Judge(f"judge {place}", said, 1 / (1 + np.exp(-2 * own)), cost=10.0**place))
        self.rest = self.labels < 0

    def kept(self, plan) -> float:
        """Agreement of what judges answer among the pairs that nobody labelled: a large sample of the truth."""
        rows = self.rest & (plan.judge_N >= 0)
        said = np.array([judge.said_N for judge in self.judges])[plan.judge_N[rows], np.flatnonzero(rows)]
        return float((said == self.truth[rows]).mean()) if rows.any() else 1.0

    def cascade(self, **more) -> Cascade:
        return Cascade(self.judges, self.labels, self.cluster, **more)


@pytest.mark.parametrize(
    ("worth", "more"), [((0.8,), {"each": 1, "labelled": 300}), ((0.75,), {}), ((0.65, 0.8), {"labelled": 300})]
)
def test_the_promise_is_kept_and_without_the_test_it_is_not(worth, more):
    broken, saved, untested = [], [], []
    for seed in range(DRAWS):
        pool = Pool(seed, worth=worth, **more)
        cascade = pool.cascade()
        plan = cascade.plan(0.85, DELTA)
        broken.append(pool.kept(plan) < 0.85)
        saved.append(1 - plan.shares[-1])
        if seed < DRAWS / 3:
            untested.append(pool.kept(cascade.untested(0.85)) < 0.85)
    assert np.mean(broken) <= DELTA + 2 * np.sqrt(DELTA * (1 - DELTA) / DRAWS)
    assert np.mean(untested) > 0.25, "a threshold without a test is a coin"
    assert np.median(saved) > 0.15, "a promise of nothing is kept easily"


@pytest.mark.parametrize(("alpha", "prompts", "alike"), [*product((0.05, 0.15), (40, 150), (0.05, 0.7))])
def test_the_test_over_prompts_holds_its_level_where_a_plain_one_does_not(alpha, prompts, alike):
    draw = np.random.default_rng(0)
    passed, plain = [], []
    for _ in range(1000):
        n = draw.binomial(11, draw.beta(1, 1, prompts))
        # Prompts with few accepted pairs are the hard ones; over all pairs a share alpha is wrong.
        hard = np.exp(-0.1 * n)
        hard = np.clip(hard * alpha * n.sum() / (hard * n).sum(), 1e-3, 0.9)
        wrong = draw.binomial(n, draw.beta(hard * (1 / alike - 1), (1 - hard) * (1 / alike - 1)))
        passed.append(p_value(wrong, n, alpha) <= DELTA)
        z = (wrong - alpha * n)[n > 0]
        plain.append(student.cdf(z.mean() / max(z.std(ddof=1), 1e-9) * len(z) ** 0.5, len(z) - 1) <= DELTA)
    assert np.mean(passed) <= DELTA + 2 * np.sqrt(DELTA * (1 - DELTA) / 1000)
    if (alpha, prompts, alike) == (0.05, 40, 0.7):
        assert np.mean(plain) > 0.15


def test_one_pair_a_prompt_is_tested_exactly():
    wrong = np.array([1, 0, 0, 0, 0, 0, 1, 0])
    assert p_value(wrong, np.ones(8), 0.4) == pytest.approx(binom.cdf(2, 8, 0.4))
    assert p_value(np.zeros(3), np.array([1, 0, 1]), 0.4) == pytest.approx(0.36)


def test_too_few_labels_promise_nothing():
    plan = Pool(0, labelled=20).cascade(people_cost=2.0).plan(0.9)
    assert not plan.holds
    assert plan.reason.startswith("Too few labels")
    assert (plan.judge_N == -1).all()
    assert plan.shares == (0.0, 1.0)
    assert plan.cost == 2.0, "nobody asks a judge that is not believed"
    assert plan.thresholds == (None,)


def test_a_judge_that_guesses_is_promised_nothing_of():
    pool = Pool(0)
    pool.judges = [Judge("coin", np.random.default_rng(9).integers(0, 2, len(pool.truth)), pool.judges[0].confidence_N)]
    plan = pool.cascade().plan(0.85)
    assert not plan.holds
    assert "surest" in plan.reason


def test_thresholds_say_who_answers():
    pool = Pool(3, worth=(0.75, 0.85), labelled=400)
    plan = pool.cascade(people_cost=100.0).plan(0.85)
    first, second = pool.judges
    takes = [
        judge.confidence_N >= threshold - 1e-9 for judge, threshold in zip(pool.judges, plan.thresholds, strict=True)
    ]
    assert (plan.judge_N == np.where(takes[0], 0, np.where(takes[1], 1, -1))).mean() > 0.999
    shares = [float((plan.judge_N == j).mean()) for j in (0, 1, -1)]
    assert plan.shares == pytest.approx(shares)
    assert plan.asked == pytest.approx((1, 1 - shares[0]))
    assert plan.cost == pytest.approx(first.cost + second.cost * (1 - shares[0]) + 100 * shares[2])
    assert plan.agreement["value"] >= 0.85
    assert [row["share"] for row in plan.candidates] == sorted(row["share"] for row in plan.candidates)
    assert all(row["p"] <= DELTA for row in plan.candidates[:-1])


def test_what_a_judge_is_sure_of():
    said, p_a = np.array([0, 1, 2, -1, 0]), np.array([0.9, 0.2, 0.5, 0.9, np.nan])
    assert confidence(said, p_a).tolist()[:3] == pytest.approx([0.9, 0.8, 1.0])
    assert np.isnan(confidence(said, p_a)[3:]).all()
    silent = confidence(said, np.full(5, np.nan))
    assert silent.tolist()[:3] == [1, 1, 1], "who never says how sure it is, is taken wholly or not at all"


@given(
    st.lists(
        st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.floats(0, 1) | st.just(np.nan), st.integers(0, 9)),
        min_size=1, max_size=60,
    ),
    st.sampled_from([1, 2]), st.floats(0.05, 0.95),
)  # fmt: skip
def test_any_pool_is_planned_whole(rows, judges, promise):
    people, said, sure, cluster = (np.array(column) for column in zip(*rows, strict=True))
    made = [Judge(str(j), said, sure.astype(float) / (j + 1), 1.0) for j in range(judges)]
    plan = Cascade(made, people, cluster, people_cost=5.0).plan(promise, 0.2)
    assert sum(plan.shares) == pytest.approx(1)
    assert (plan.judge_N[said < 0] == -1).all(), "a judge without a verdict answers nothing"
    assert plan.holds == (plan.reason == "")
    assert 0 <= plan.cost <= 5 + judges


def test_the_fewest_labels_grow_with_the_promise():
    wanted = [fewest(alpha, DELTA) for alpha in (0.3, 0.2, 0.1, 0.05)]
    assert wanted == sorted(wanted)
    assert wanted[2] == 76


@pytest.mark.parametrize(("promise", "delta"), [(0, 0.1), (1, 0.1), (0.9, 0), (0.9, 1)])
def test_shares_that_are_none_are_refused(promise, delta):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Pool(0, prompts=10).cascade().plan(promise, delta)
    with pytest.raises(ValueError, match="needs a judge"):
        Cascade([], np.zeros(1), np.zeros(1))
