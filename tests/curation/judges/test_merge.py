"""Several answers become one, whatever the kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import feedback
from annotate.feedback import Asked
from curation.judges._merge import Vote, consistent, distribution, merge

KINDS = feedback.names()
PAIR = Asked("q", feedback.settings_with_defaults("pairwise", {"labels": ["a bit", "much", "far"]}), ("x", "y"))
NO_TIE = Asked("q", feedback.settings_with_defaults("pairwise", {"tie": False}), ("x", "y"))
RUBRIC = Asked(
    "q",
    feedback.settings_with_defaults("rubric", {"criteria": [{"name": "c", "text": "C"}, {"name": "d", "text": "D"}]}),
    ("x",),
)


def chose(key, strength=1):
    return {"overall": {"chosen": key, "strength": strength if key in ("x", "y") else 0}}


@pytest.mark.parametrize("kind", KINDS)
def test_one_answer_or_the_same_again_stays_as_it_is(kind):
    asked, answer = feedback.get(kind).example()
    for times in (1, 2, 5):
        assert merge(kind, asked, [Vote(answer)] * times) == answer


def test_the_majority_wins_with_the_median_strength_of_those_who_chose_it():
    votes = [Vote(chose("x", 1)), Vote(chose("x", 3)), Vote(chose("x", 3)), Vote(chose("y", 2))]
    assert merge("pairwise", PAIR, votes) == chose("x", 3)
    assert distribution("pairwise", PAIR, votes) == {"overall": {"x": 0.75, "y": 0.25}}


def test_a_split_is_a_tie_where_the_form_has_one_and_no_answer_where_not():
    votes = [Vote(chose("x")), Vote(chose("y"))]
    assert merge("pairwise", PAIR, votes) == chose("tie")
    assert merge("pairwise", NO_TIE, votes) is None
    assert merge("pairwise", NO_TIE, [Vote(chose("x"), 0.6), Vote(chose("y"), 0.4)]) == chose("x")
    assert merge("pairwise", PAIR, []) is None
    assert merge("pairwise", PAIR, [Vote(chose("x"), 0.0)]) is None


def test_rubrics_merge_criterion_by_criterion():
    met, unmet = ({"x": {"c": mark, "d": "met"}} for mark in ("met", "unmet"))
    assert merge("rubric", RUBRIC, [Vote(met), Vote(met), Vote(unmet)]) == met
    assert merge("rubric", RUBRIC, [Vote(met), Vote(unmet)]) == {"x": {"c": "na", "d": "met"}}
    assert consistent("rubric", RUBRIC, [met, unmet]) == {"x#c": False, "x#d": True}


def test_written_feedback_is_the_most_central_of_what_was_said():
    asked = Asked("q", feedback.settings_with_defaults("critique", {"about": "overall"}), ("x", "y"))
    texts = ["bananas", "short and right", "short and right but dull", "short but right"]
    votes = [Vote({"overall": {"text": text}}) for text in texts]
    assert merge("critique", asked, votes)["overall"]["text"] == texts[2]


def test_a_good_and_a_bad_verdict_make_none():
    asked = Asked("q", feedback.settings_with_defaults("binary", {}), ("x",))
    assert merge("binary", asked, [Vote({"x": "good"}), Vote({"x": "bad"})]) is None


RANKINGS = st.lists(st.lists(st.integers(1, 4), min_size=4, max_size=4), min_size=1, max_size=5)


@given(RANKINGS)
def test_rankings_merge_to_a_ranking_that_keeps_what_all_agree_on(drawn):
    keys = ("r1", "r2", "r3", "r4")
    asked = Asked("q", feedback.settings_with_defaults("ranking", {"ties": True}), keys)
    answers = []
    for ranks in drawn:
        order = sorted(set(ranks))
        answers.append({key: order.index(rank) + 1 for key, rank in zip(keys, ranks, strict=True)})
    merged = merge("ranking", asked, [Vote(answer) for answer in answers])
    feedback.validate("ranking", merged, asked)
    for a in keys:
        for b in keys:
            if all(answer[a] < answer[b] for answer in answers):
                assert merged[a] < merged[b]
