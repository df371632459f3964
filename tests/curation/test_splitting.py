"""Splits that never part what belongs together."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation import splitting

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
LONG = "a response that is long enough to tie together the rows that hold it, number "


def split(table, by="prompt", fractions=SHARES, **more):
    return splitting.assign(table, by=by, fractions=fractions, **more)[0].tolist()


def test_many_prompts_are_split_just_as_asked(pair_table):
    table = pair_table(*[{"prompt": f"p{n // 3}"} for n in range(1500)])
    found = split(table)
    assert {name: round(count / 1500, 2) for name, count in Counter(found).items()} == SHARES
    for start in range(0, 1500, 3):
        assert len(set(found[start : start + 3])) == 1


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=40),
    st.integers(0, 5),
    st.sampled_from(["prompt", "group", "none"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_belongs_together_is_parted(pair_table, rows, seed, by):
    table = pair_table(
        *[
            {"prompt": f"p{p}", "group": f"g{p % 3}", "response_a": f"{LONG}{a}", "response_b": f"{LONG}{b}"}
            for p, a, b in rows
        ]
    )
    found = split(table, by, seed=seed)
    together = {}
    for (number, a, b), own, prompt, group in zip(
        rows, found, table["prompt"].to_pylist(), table["group"].to_pylist(), strict=True
    ):
        keys = {
            "prompt": [("prompt", prompt), ("response", a), ("response", b)],
            "group": [("group", group)],
            "none": [("row", number, a, b)],
        }[by]
        for key in keys:
            assert together.setdefault(key, own) == own


def test_the_seed_decides_and_the_order_of_rows_does_not(pair_table):
    table = pair_table(*[{"group": f"g{n % 20}"} for n in range(200)])
    order = np.random.default_rng(0).permutation(200)
    found = split(table, "group", seed=1)
    assert split(table.take(order), "group", seed=1) == [found[place] for place in order]
    others = [split(table, "group", seed=seed) for seed in range(2, 12)]
    assert sum(other != found for other in others) >= 9
    assert len({tuple(other[:20]).index("test") for other in others}) > 3


def test_few_unequal_groups_come_as_near_as_they_can(pair_table):
    sizes = [40, 33, 25, 20, 14, 11, 9, 8, 5, 4, 3, 2, 1]
    table = pair_table(*[{"group": f"g{g}"} for g, size in enumerate(sizes) for _ in range(size)])
    for seed in range(5):
        counts = Counter(split(table, "group", {"train": 0.7, "validation": 0.1, "test": 0.2}, seed=seed))
        for name, share in (("train", 0.7), ("validation", 0.1), ("test", 0.2)):
            assert abs(counts[name] / 175 - share) < 0.03


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (1, {"train"}),
        (2, {"train", "test"}),
        (3, {"train", "validation", "test"}),
        (4, {"train", "validation", "test"}),
    ],
)
def test_every_split_gets_a_group_where_there_are_enough(pair_table, groups, expected):
    table = pair_table(*[{"group": f"g{n % groups}"} for n in range(12)])
    for seed in range(10):
        assert set(split(table, "group", seed=seed)) == expected


def test_splits_that_are_not_asked_for_stay_empty(pair_table):
    table = pair_table(*[{}] * 50)
    assert set(split(table, fractions={"train": 1.0})) == {"train"}
    assert set(split(table, fractions={"train": 0.5, "test": 0.5})) == {"train", "test"}


def test_held_out_groups_are_the_test(pair_table):
    table = pair_table(*[{"group": f"g{n % 10}"} for n in range(100)])
    found, reasons = splitting.assign(
        table, by="group", fractions={"train": 0.9, "validation": 0.1}, hold_out=["g3", "g7"]
    )
    for place, (own, reason) in enumerate(zip(found, reasons, strict=True)):
        held = place % 10 in (3, 7)
        assert (own == "test") == held
        assert reason == ("held_out" if held else "by_group")


def test_held_out_groups_take_along_what_shares_their_prompts(pair_table):
    table = pair_table({"prompt": "p", "group": "g"}, {"prompt": "p", "group": "h"}, *[{"group": "h"}] * 20)
    found = split(table, hold_out=["g"], fractions={"train": 1.0})
    assert found[:2] == ["test", "test"]
    assert set(found[2:]) == {"train"}


def test_short_or_common_responses_tie_nothing_together(pair_table):
    refusal = LONG + "refused"
    table = pair_table(*[{"response_a": "Yes.", "response_b": refusal} for _ in range(100)])
    assert len(set(split(table))) == 3
    chain = pair_table(*[{"response_a": LONG + str(n), "response_b": LONG + str(n + 1)} for n in range(100)])
    assert set(split(chain)) == {"train"}  # one long chain


def test_a_few_rows_more_move_only_rows_at_the_cuts(pair_table):
    rows = [{"prompt": f"p{n}"} for n in range(2000)]
    before = split(pair_table(*rows))
    after = split(pair_table(*rows, *[{"prompt": f"new {n}"} for n in range(100)]))
    assert sum(one != other for one, other in zip(before, after, strict=False)) < 40


def test_no_rows(pair_table):
    assert split(pair_table({}).slice(0, 0)) == []
