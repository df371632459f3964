"""Ranking: dense ranks, ties, not rankable, pairwise readings and Kendall's tau."""

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from annotate import feedback
from annotate.feedback import ranking
from annotate.records import Preference, Ranking

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
    asked = feedback.Asked("q", feedback.settings_with_defaults("ranking", {}), tuple(scores))
    answer = ranking.from_scores(scores, asked)
    feedback.validate("ranking", answer, asked)
    assert all((scores[a] > scores[b]) == (answer[a] < answer[b]) for a, b in combinations(scores, 2))


def test_thirteen_responses_are_too_many(ask, refused):
    keys = [f"r{i}" for i in range(13)]
    answer = {key: rank for rank, key in enumerate(keys, 1)}
    assert refused("ranking", answer, ask("ranking", keys))[1] == (
        "These are 13 responses; at most 12 can be put in order."
    )
    feedback.validate("ranking", dict(list(answer.items())[:12]), ask("ranking", keys[:12]))


# ---- tournaments ----


def play(asked, decide):
    """The answer of somebody who decides every match so."""
    return {"matches": [{"a": a, "b": b, "chosen": chosen} for a, b, chosen in ranking.tournament(asked.drawn, decide)]}


@pytest.mark.parametrize("count", range(2, 13))
def test_a_tournament_takes_one_match_less_than_there_are_responses(ask, count):
    asked = ask("ranking", [f"r{i}" for i in range(count)], schedule="tournament")
    best = f"r{count // 2}"
    answer = play(asked, lambda a, b: b if b == best else a)
    feedback.validate("ranking", answer, asked)
    matches = answer["matches"]
    assert len(matches) == count - 1
    assert matches[-1]["chosen"] == best, "the best wins the last match"
    lost = [match["a"] if match["chosen"] == match["b"] else match["b"] for match in matches]
    assert len(set(lost)) == count - 1, "all others lose once"


def test_seeds_are_drawn_from_the_items_id(ask):
    asked = ask("ranking", KEYS, schedule="tournament")
    assert asked.drawn == asked.stamped(rater="bob").drawn
    assert sorted(asked.drawn) == sorted(KEYS)
    drawn = {asked.stamped(item=f"item-{i}").drawn for i in range(20)}
    assert len(drawn) > 5, "another order for another item"


def test_records_are_the_pairs_that_met_and_nothing_else(ask):
    asked = ask("ranking", KEYS, schedule="tournament")
    first, second, third, fourth = asked.drawn
    answer = play(asked, lambda a, b: b)
    made = list(ranking.to_records(answer, asked))
    assert len(made) == 3
    assert all(isinstance(record, Preference) and record.a < record.b for record in made), "in the item's own order"
    assert {frozenset((record.a, record.b)) for record in made} >= {
        frozenset((first, second)), frozenset((third, fourth)),
    }  # fmt: skip
    assert ranking.from_records(reversed(made), asked) == answer
    assert [r.subject for r in ranking.readings(made)] == [f"{record.a}:{record.b}" for record in made]


def test_after_a_tie_the_earlier_seed_goes_on(ask, refused):
    asked = ask("ranking", KEYS, schedule="tournament")
    answer = play(asked, lambda a, b: "tie")
    feedback.validate("ranking", answer, asked)
    assert (answer["matches"][-1]["a"], answer["matches"][-1]["b"]) == (asked.drawn[0], asked.drawn[2])
    assert {record.outcome for record in ranking.to_records(answer, asked)} == {"tie"}
    forced = ask("ranking", KEYS, schedule="tournament", ties=False)
    assert refused("ranking", answer, forced)[0] == "matches/0/chosen"


def test_matches_that_are_not_those_of_the_tournament_are_refused(ask, refused):
    asked = ask("ranking", KEYS, schedule="tournament")
    _, second, third, _ = asked.drawn
    good = play(asked, lambda a, b: a)["matches"]

    def with_match(number, **changes):
        return {"matches": [{**match, **(changes if i == number else {})} for i, match in enumerate(good)]}

    assert refused("ranking", with_match(0, a=third), asked)[0] == "matches/0/a"
    assert refused("ranking", with_match(0, chosen=third), asked)[0] == "matches/0/chosen"
    assert "Match 3 is" in refused("ranking", with_match(0, chosen=second), asked)[1], "another one went on"
    assert refused("ranking", {"matches": good[:2]}, asked)[0] == "matches"
    assert refused("ranking", {"matches": [good[1], good[0], good[2]]}, asked)[0] == "matches/0/a"


def test_an_import_that_left_matches_out_is_reported(ask, refused):
    asked = ask("ranking", KEYS, schedule="tournament")
    made = list(ranking.to_records(play(asked, lambda a, b: a), asked))
    answer = ranking.from_records(made[:1], asked)
    assert len(answer["matches"]) == 1
    assert refused("ranking", answer, asked)[0] == "matches"
    assert ranking.from_records([record(r1=1, r2=2)], asked) is None


@given(st.data())
def test_any_tournament_survives_the_records(data):
    keys = tuple(f"r{i}" for i in range(data.draw(st.integers(2, 12))))
    settings = feedback.settings_with_defaults("ranking", {"schedule": "tournament"})
    asked = feedback.Asked("q", settings, keys, stamp={"item": data.draw(st.text(max_size=5)), "rater": "ann"})
    answer = play(asked, lambda a, b: data.draw(st.sampled_from([a, b, "tie"])))
    feedback.validate("ranking", answer, asked)
    assert ranking.from_records(ranking.to_records(answer, asked), asked) == answer


def test_scores_play_a_tournament(ask):
    asked = ask("ranking", KEYS, schedule="tournament")
    scores = {"r1": 0.5, "r2": 3.0, "r3": 0.5, "r4": -1.0}
    answer = ranking.from_scores(scores, asked)
    feedback.validate("ranking", answer, asked)
    assert answer["matches"][-1]["chosen"] == "r2"
    equal = dict.fromkeys(KEYS, 1.0)
    assert ranking.from_scores(equal, ask("ranking", KEYS, schedule="tournament", ties=False)) is None
    assert ranking.from_scores({"r1": 1.0}, asked) is None
