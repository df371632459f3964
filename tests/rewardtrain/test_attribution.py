"""Pieces that put together are the text, and what each adds to the reward."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardtrain import attribution


@given(st.text(alphabet="aB .!?\n“”。", max_size=200), st.integers(1, 8))
def test_pieces_are_the_text(text, most):
    found = attribution.pieces(text, most)
    assert len(found) <= most
    assert "".join(found) == (text if text.strip() else "".join(found))


def test_a_text_is_cut_behind_sentences_and_lines():
    assert attribution.pieces("Red. Or blue!\nNo.") == ["Red. ", "Or blue!\n", "No."]
    assert attribution.pieces("3.5 is one") == ["3.5 is one"]
    assert attribution.pieces("红。蓝。") == ["红。", "蓝。"]
    assert len(attribution.pieces("Yes. " * 500)) <= attribution.MOST


def test_what_is_left_without_each():
    assert attribution.without(["Red. ", "Blue. ", "No."]) == ["Blue. No.", "Red. No.", "Red. Blue."]
    assert attribution.without(["Red."]) == []


def test_what_each_adds():
    found = attribution.shares(["a", "b"], 2.0, [1.0, 2.5])
    assert [(row["change"], row["share"]) for row in found] == [(1.0, 1.0), (-0.5, -0.5)]
    assert attribution.shares(["a"], 2.0, [])[0]["share"] == 0
    assert attribution.shares(["a", "b"], 1.0, [1.0, 1.0])[1]["share"] == 0


def test_preference():
    assert attribution.preference(1, 1) == 0.5
    assert attribution.preference(3, 1) + attribution.preference(1, 3) == pytest.approx(1)
    assert attribution.preference(3, 1, 2) == pytest.approx(attribution.preference(2, 1))
    assert (attribution.preference(-1e6, 1e6), attribution.preference(1e6, -1e6)) == (0, 1)
