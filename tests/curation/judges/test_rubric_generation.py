"""A rubric is written, split, checked and filtered."""

import json
from dataclasses import replace

from annotate import feedback
from annotate.feedback import Asked
from curation import judges
from curation.judges import Completion, Tools

from .conftest import case_of

NAIVE = {
    "criteria": [
        {"text": "Right and short", "points": 4},
        {"text": "Insults", "points": -2},
        {"text": "-", "points": 0},
    ]
}
PARTS = ("Is right", "Is short", "Has words", "is RIGHT")
SPLIT = {"criteria": [{"of": "c1", "text": text} for text in PARTS]}
MARKS = {"K": {"c1.1": "met", "c1.2": "met", "c1.3": "met", "c2.1": "unmet"},
         "L": {"c1.1": "unmet", "c1.2": "met", "c1.3": "unmet", "c2.1": "met"}}  # fmt: skip
REVIEW = {"c1.1": "keep", "c1.2": "keep", "c1.3": "redundant", "c2.1": "keep"}


def ask(request, endpoint):
    system, user = (message["content"] for message in request.messages)
    for cue, said in (("Write at most", NAIVE), ("criteria_to_split", SPLIT), ("criteria_to_review", REVIEW)):
        if cue in system:
            return Completion((json.dumps(said),), 1, 1), cue
    return Completion((json.dumps(MARKS["K" if "K!" in user else "L"]),), 1, 1), "check"


def case(kind, **settings):
    asked = Asked("q", feedback.settings_with_defaults(kind, settings), ("k", "l"), {"k": "K!", "l": "L!"})
    return replace(case_of("pairwise"), kind=kind, asked=asked, examples=(), images={})


def test_what_separates_stays_and_decides(judged):
    found = judged("rubric_generation", case("pairwise"), ask)
    assert [(c["name"], c["text"], c["points"]) for c in found.notes["criteria"]] == [
        ("c1.1", "Is right", 1.3333), ("c2.1", "Insults", -2),
    ]  # fmt: skip
    assert found.notes["dropped"] == {"Has words": "redundant", "Is short": "does not separate"}
    assert found.answer == {"overall": {"chosen": "k", "strength": 1}}
    assert found.probs["overall"]["k"] > 0.95
    assert [sample.call for sample in found.samples] == [
        "Write at most", "criteria_to_split", "check", "check", "criteria_to_review",
    ]  # fmt: skip


def test_criteria_come_in_the_form_that_items_keep():
    module = judges.get("rubric_generation")
    tools = Tools(judges.settings_with_defaults("rubric_generation", {}), ask=ask)
    written = module.write(case("rubric"), tools)
    assert written.readable
    asked = replace(case("rubric").asked, criteria=written.criteria)
    assert feedback.get("rubric").schema(asked)["properties"]["k"]["required"] == ["c1.1", "c2.1"]
    assert set(written.criteria[0]) == {"name", "text", "points", "category"}


def test_a_rubric_question_is_answered_by_the_parts_of_its_criteria(judged):
    criteria = [{"name": "c1", "text": "Right and short"}, {"name": "c2", "text": "Insults"}]
    found = judged("rubric_generation", case("rubric", criteria=criteria), ask)
    assert found.answer == {"k": {"c1": "met", "c2": "unmet"}, "l": {"c1": "unmet", "c2": "met"}}


def test_where_nothing_separates_the_responses_are_equal(judged):
    def same(request, endpoint):
        completion, call = ask(request, endpoint)
        return (Completion((json.dumps(MARKS["K"]),), 1, 1), call) if call == "check" else (completion, call)

    found = judged("rubric_generation", case("pairwise"), same)
    assert found.notes["criteria"] == []
    assert found.answer == {"overall": {"chosen": "tie", "strength": 0}}
