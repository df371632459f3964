"""What a model is shown: fences that hold, labels that say nothing, answers that find back to their keys."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import feedback
from curation.judges._prompt import Shown, mark_for, messages

from .conftest import case_of


@given(st.lists(st.text(alphabet="0123456789abcdefABCDEF<>/ ", max_size=40), max_size=4))
def test_the_mark_occurs_in_no_text_and_is_the_same_again(texts):
    mark = mark_for(texts)
    assert mark == mark_for(texts)
    assert not any(mark in text.lower() for text in texts)


def test_a_text_that_knows_the_mark_makes_another():
    mark = mark_for(["text"])
    assert mark_for(["text", mark]) != mark
    assert mark_for(["text", mark.upper()]) not in (mark, mark_for(["text", mark]))


@pytest.mark.parametrize("kind", feedback.names())
def test_answers_go_to_labels_and_back(kind):
    case = case_of(kind)
    _, answer = feedback.get(kind).example()
    for order in (case.asked.responses, tuple(reversed(case.asked.responses))):
        shown = Shown(case, order)
        assert list(shown.labels) == list(order)
        assert shown.answer(shown.said(answer)) == answer


def test_a_label_is_never_a_name_that_the_form_has():
    case = case_of("pairwise")
    settings = {**case.asked.settings, "dimensions": [{"name": "response_1", "title": "", "help": ""}]}
    shown = Shown(replace(case, asked=replace(case.asked, settings=settings)), case.asked.responses)
    assert "response_1" not in shown.labels.values()
    answer = {"response_1": {"chosen": "r2", "strength": 1}}
    assert shown.answer(shown.said(answer)) == answer


def test_examples_stand_in_the_order_of_the_case():
    case = case_of("pairwise")
    for order in (("r1", "r2"), ("r2", "r1")):
        text = str(messages("Judge.", Shown(case, order), {})[1]["content"])
        first = text.index(case.examples[0].texts[order[0]], text.index("example_1_response_1"))
        assert first < text.index("example_1_response_2")
        assert f'"chosen": "response_{order.index("r2") + 1}"' in text
