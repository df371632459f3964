"""Plans of steps: every pair once, within the budget, the same from the same seed, few encodings."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewardtrain.batching import length_groups, plan, token_batches


def complete_graph(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.triu_indices(nodes, 1)
    return first, second


def check(lengths: np.ndarray, first: np.ndarray, second: np.ndarray, budget: int, **kwargs: int) -> list:
    steps = plan(lengths, first, second, budget=budget, **{"seed": 0, "epoch": 0, **kwargs})
    assert sorted(np.concatenate([step.labels for step in steps]).tolist()) == list(range(len(first)))
    for step in steps:
        members = set(step.sequences.tolist())
        assert members == set(first[step.labels].tolist()) | set(second[step.labels].tolist())
        assert step.sequences.tolist() == sorted(members)
        assert lengths[step.sequences].sum() <= budget or len(step.sequences) == 2
    return steps


@st.composite
def pair_lists(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    nodes = draw(st.integers(2, 25))
    node = st.integers(0, nodes - 1)
    edges = draw(st.lists(st.tuples(node, node).filter(lambda e: e[0] != e[1]), min_size=1, max_size=80))
    lengths = draw(st.lists(st.integers(1, 30), min_size=nodes, max_size=nodes))
    first, second = np.array(edges).T
    return np.array(lengths), first, second


@settings(max_examples=150, deadline=None)
@given(pair_lists(), st.integers(1, 200), st.integers(0, 3))
def test_every_pair_once_within_the_budget(pairs: tuple, budget: int, epoch: int) -> None:
    check(*pairs, budget, epoch=epoch)


@pytest.mark.parametrize(
    ("first", "second"),
    [complete_graph(40), (np.arange(0, 80, 2), np.arange(1, 80, 2)), (np.zeros(79, int), np.arange(1, 80))],
)
def test_seed_and_epoch_decide(first: np.ndarray, second: np.ndarray) -> None:
    lengths = np.random.default_rng(0).integers(5, 20, 80)

    def made(seed: int, epoch: int) -> list:
        return [step.labels.tolist() for step in plan(lengths, first, second, budget=200, seed=seed, epoch=epoch)]

    assert made(1, 2) == made(1, 2)
    assert made(1, 2) != made(1, 3)
    assert made(1, 2) != made(2, 2)


def encodings(steps: list) -> int:
    return sum(len(step.sequences) for step in steps)


def test_a_graph_is_encoded_seldom() -> None:
    """35 responses compared all with all: 595 pairs would be 1,190 encodings one by one."""
    first, second = complete_graph(35)
    steps = check(np.full(35, 70), first, second, 24 * 70)
    assert len(steps) <= 4
    assert encodings(steps) <= 80


def test_a_star_is_encoded_once_a_step() -> None:
    steps = check(np.full(33, 10), np.zeros(32, int), np.arange(1, 33), 110)
    assert len(steps) == 4  # the hub and ten others each, or fewer
    assert encodings(steps) == 32 + 4


def test_a_small_graph_is_one_step_with_its_like() -> None:
    first, second = complete_graph(4)
    both = np.concatenate([first, first + 4]), np.concatenate([second, second + 4])
    (step,) = check(np.full(8, 10), *both, 80)
    assert len(step.labels) == 12


def test_disjoint_pairs_of_like_length_come_together() -> None:
    random = np.random.default_rng(0)
    lengths = np.repeat(random.integers(10, 250, 500), 2)
    steps = check(lengths, np.arange(0, 1000, 2), np.arange(1, 1000, 2), 2000)
    padded = sum(lengths[step.sequences].max() * len(step.sequences) for step in steps)
    assert padded < 1.1 * lengths.sum()


def test_a_pair_over_the_budget_still_makes_a_step() -> None:
    (step,) = check(np.array([90, 80]), np.array([0]), np.array([1]), 100)
    assert step.sequences.tolist() == [0, 1]


def test_a_hub_of_many_pairs_is_quick() -> None:
    count = 20_000
    began = time.process_time()
    check(np.full(count + 1, 10), np.zeros(count, int), np.arange(1, count + 1), 200)
    assert time.process_time() - began < 20


@given(st.lists(st.integers(1, 300), min_size=1, max_size=60), st.integers(1, 2000))
def test_length_groups_hold_every_position_once(lengths: list[int], least: int) -> None:
    lengths_B = np.array(lengths)
    groups = length_groups(lengths_B, least=least)
    assert sorted(np.concatenate(groups).tolist()) == list(range(len(lengths)))
    for group in groups[:-1]:
        assert lengths_B[group].max() * len(group) >= least


def test_length_groups_pad_little() -> None:
    lengths_B = np.random.default_rng(0).integers(10, 250, 200)
    groups = length_groups(lengths_B, least=256)
    assert sum(lengths_B[group].max() * len(group) for group in groups) < 1.2 * lengths_B.sum()


def test_token_batches_stay_within_their_size() -> None:
    lengths_S = np.random.default_rng(0).integers(1, 100, 300)
    batches = token_batches(lengths_S, 500)
    assert sorted(np.concatenate(batches).tolist()) == list(range(300))
    assert all(lengths_S[batch].max() * len(batch) <= 500 for batch in batches)
    assert [batch.tolist() for batch in token_batches(np.array([900]), 500)] == [[0]]
