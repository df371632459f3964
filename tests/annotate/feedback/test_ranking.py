"""Ranking: dense ranks, ties, not rankable, pairwise readings and Kendall's tau."""

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from annotate import feedback
from annotate.feedback import ranking
from annotate.records import Ranking

KEYS = ("r1", "r2", "r3", "r4")


def record(**ranks):
    return Ranking(item="i1", rater="ann", question="q", ranks=ranks)


@pytest.mark.parametrize("ranks", [(1, 2, 3, 4), (4, 3, 2, 1), (1, 1, 1, 1), (1, 2, 2, 3), (2, 1, 2, 1)])
def test_dense_ranks_are_valid(ask, ranks):
    asked = ask("ranking", KEYS)
    answer = dict(zip(KEYS, ranks, strict=True))
    feedback.validate("ranking", answer, asked)
    assert ranking.from_records(ranking.to_records(answer, asked), asked) == answer


@pytest.mark.parametrize("ranks", [(1, 2, 2, 4), (2, 3, 4, 4), (2, 2, 2, 2)])
def test_gaps_are_refused(ask, refused, ranks):
    assert "There is no rank" in refused("ranking", dict(zip(KEYS, ranks, strict=True)), ask("ranking", KEYS))[1]


@pytest.mark.parametrize("rank", [0, 5, -1, 1.5, "1", None, True])
def test_what_is_no_rank_is_refused(ask, refused, rank):
    path, _ = refused("ranking", {"r1": rank, "r2": 1, "r3": 2, "r4": 3}, ask("ranking", KEYS))
    assert path == "r1"


def test_ties_only_where_allowed(ask, refused):
    answer = {"r1": 1, "r2": 2, "r3": 2, "r4": 3}
    path, message = refused("ranking", answer, ask("ranking", KEYS, ties=False))
    assert (path, message) == ("r2", "Shares its rank; ties are not allowed here.")


def test_not_rankable_is_left_out_of_the_record(ask):
    asked = ask("ranking", KEYS, not_rankable=True, ties=False)
    answer = {"r1": 2, "r2": None, "r3": 1, "r4": None}
    feedback.validate("ranking", answer, asked)
    (made,) = ranking.to_records(answer, asked)
    assert made.ranks == {"r1": 2, "r3": 1}
    assert ranking.from_records([made], asked) == answer
    assert [(r.subject, r.category) for r in ranking.readings([made])] == [("r1:r3", "b")]


def test_nothing_rankable_is_an_answer(ask):
    asked = ask("ranking", KEYS, not_rankable=True)
    answer = dict.fromkeys(KEYS)
    feedback.validate("ranking", answer, asked)
    made = list(ranking.to_records(answer, asked))
    assert ranking.from_records(made, asked) == answer
    assert list(ranking.readings(made)) == []


def test_imported_ranks_with_gaps_are_closed(ask):
    asked = ask("ranking", KEYS)
    assert ranking.from_records([record(r1=4, r2=2, r3=2, r4=1)], asked) == {"r1": 3, "r2": 2, "r3": 2, "r4": 1}


def test_readings_are_pairs_in_the_items_order(ask):
    made = ranking.to_records({"r1": 2, "r2": 1, "r3": 2}, ask("ranking", KEYS[:3]))
    readings = [(r.subject, r.category, r.level) for r in ranking.readings(made)]
    assert readings == [("r1:r2", "b", -1), ("r1:r3", "tie", 0), ("r2:r3", "a", 1)]


@given(st.permutations(range(1, 7)), st.permutations(range(1, 7)))
def test_agreement_over_pairs_is_kendalls(x, y):
    first, second = ({f"r{i}": rank for i, rank in enumerate(ranks)} for ranks in (x, y))
    categories = [[r.category for r in ranking.readings([record(**ranks)])] for ranks in (first, second)]
    same = sum(a == b for a, b in zip(*categories, strict=True)) / math.comb(6, 2)
    assert 2 * same - 1 == pytest.approx(kendalltau(x, y).statistic)


def test_scores_rank_and_tie(ask):
    asked = ask("ranking", KEYS)
    assert ranking.from_scores({"r1": 0.1, "r2": 3, "r3": 0.1, "r4": -2}, asked) == {"r1": 2, "r2": 1, "r3": 2, "r4": 3}
    assert ranking.from_scores({"r1": 0.1, "r2": 3, "r3": 1}, asked) is None
    assert ranking.from_scores(dict.fromkeys(KEYS, 1.0), ask("ranking", KEYS, ties=False)) is None


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12))
def test_scores_and_ranks_say_the_same(values):
    scores = {f"r{i}": value for i, value in enumerate(values)}
    asked = feedback.Asked("q", {"ties": True, "not_rankable": False}, tuple(scores))
    answer = ranking.from_scores(scores, asked)
    feedback.validate("ranking", answer, asked)
    assert all((scores[a] > scores[b]) == (answer[a] < answer[b]) for a, b in combinations(scores, 2))
