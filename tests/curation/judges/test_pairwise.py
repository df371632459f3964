"""Both orders, and what becomes of a judge that only looks at the place."""

import json
from dataclasses import replace

import pytest

from annotate import feedback
from annotate.feedback import Asked
from curation.judges import Completion

from .conftest import case_of

FORM = {"labels": ["slightly", "clearly"]}


def pair(**settings):
    asked = Asked(
        "q", feedback.settings_with_defaults("pairwise", {**FORM, **settings}), ("k", "l"), {"k": "K!", "l": "L!"}
    )
    return replace(case_of("pairwise"), asked=asked, examples=(), images={})


def model(choose):
    """``choose`` the shown texts -> place of the better (1, 2), or any other reply."""

    def ask(request, endpoint):
        text = request.messages[1]["content"]
        places = sorted("KLMN", key=lambda letter: text.find(f"{letter}!") % 10**6)
        shown = [letter for letter in places if f"{letter}!" in text]
        said = [choose(shown)] * request.n
        strength = max(request.schema["properties"]["overall"]["properties"]["strength"]["enum"])
        return Completion(
            tuple(
                one
                if isinstance(one, str)
                else json.dumps({"overall": {"chosen": f"response_{one}", "strength": strength}})
                for one in said
            ),
            1,
            1,
        ), "h"

    return ask


def test_a_judge_that_knows_answers_with_its_strength(judged):
    found = judged("pairwise", pair(), model(lambda shown: shown.index("L") + 1), samples=2)
    assert found.answer == {"overall": {"chosen": "l", "strength": 2}}
    assert found.probs == {"overall": {"l": 1.0}}
    assert found.notes["consistent"] == {"overall": True}
    assert [sample.order for sample in found.samples] == [("k", "l")] * 2 + [("l", "k")] * 2


@pytest.mark.parametrize(
    ("tie", "inconsistent", "answer"),
    [(True, "undecided", {"chosen": "tie", "strength": 0}), (True, "none", None), (False, "undecided", None)],
)
def test_a_judge_that_takes_the_first_has_no_opinion(judged, tie, inconsistent, answer):
    found = judged("pairwise", pair(tie=tie), model(lambda shown: 1), inconsistent=inconsistent)
    assert found.answer == (answer and {"overall": answer})
    assert found.probs == {"overall": {"k": 0.5, "l": 0.5}}
    assert found.notes["consistent"] == {"overall": False}


def test_an_order_without_an_answer_voids_the_case(judged):
    found = judged("pairwise", pair(), model(lambda shown: "I refuse." if shown[0] == "K" else 1))
    assert found.answer is None
    assert [bool(sample.error) for sample in found.samples] == [True, False]
    assert found.probs == {"overall": {"l": 1.0}}


def test_a_ranking_is_made_of_its_pairs(judged):
    texts = {"k": "K!", "l": "L!", "m": "M!", "n": "N!"}
    asked = Asked("q", feedback.settings_with_defaults("ranking", {}), tuple(texts), texts)
    case = replace(case_of("ranking"), asked=asked, examples=(), images={})
    found = judged("pairwise", case, model(lambda shown: 1 + (min(shown, key="NKML".index) == shown[1])))
    assert found.answer == {"n": 1, "k": 2, "m": 3, "l": 4}
    assert len(found.samples) == 12
    assert found.notes["scores"] == {"n": 3, "k": 2, "m": 1, "l": 0}
    first = judged("pairwise", case, model(lambda shown: 1))
    assert first.answer == {"k": 1, "l": 1, "m": 1, "n": 1}
