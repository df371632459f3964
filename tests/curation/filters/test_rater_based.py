"""Careless raters are found among careful ones, and their votes left out."""

import numpy as np
import pytest

from curation import filters
from curation.filters import Context, rater_based
from tests.curation.conftest import make_vote


@pytest.fixture
def table(pair_table):
    """120 pairs: four good raters (85 %), one at random, one always a, one who leans to a."""
    rng = np.random.default_rng(4)
    rows = []
    for _ in range(120):
        truth = rng.choice(["a", "b"])
        other = "b" if truth == "a" else "a"
        votes = [make_vote(f"good{n}", truth if rng.random() < 0.85 else other) for n in range(4)]
        votes += [make_vote("random", rng.choice(["a", "b"])), make_vote("same", "a")]
        votes += [make_vote("leans", "a" if rng.random() < 0.5 else truth)]
        rows.append({"votes": votes, "outcome": truth})
    return pair_table(*rows)


def decide(table, **given):
    return rater_based.decide(
        table, filters.settings_with_defaults("rater_based", {"method": "majority"} | given), Context()
    )


def test_says_who_is_careless_and_why(table):
    found = decide(table)
    assert {row["rater"]: row["why"] for row in found.notes["raters"]} == {
        "random": "chance", "same": "straight_line", "leans": "side",
    }  # fmt: skip
    assert (found.action_N == "relabel").all()
    np.testing.assert_allclose(found.score_N, 3 / 7)
    assert {vote["rater"] for votes in found.votes_N for vote in votes} == {f"good{n}" for n in range(4)}


def test_nobody_is_judged_by_a_few_votes_or_where_all_pairs_are_alike(table, pair_table):
    assert decide(table, min_votes=500).notes == {"raters": [], "n_raters": 0}
    same = pair_table(*[{"votes": "aaaa"} for _ in range(50)])
    assert decide(same).notes["n_raters"] == 0
    alone = pair_table(*[{"votes": "a"} for _ in range(50)])
    assert decide(alone).notes["n_raters"] == 0
