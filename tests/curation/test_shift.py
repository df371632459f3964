"""How the make-up of a dataset shifted."""

import pytest

from curation import shift


def by_name(found):
    return {row["property"]: row for row in found}


def test_the_same_rows_have_not_shifted_whatever_the_parts(pair_table):
    table = pair_table(*({"votes": "aab", "outcome": "ab"[n % 2], "group": f"g{n % 3}"} for n in range(30)))
    whole = shift.profile([table])
    assert whole == shift.profile([table.slice(0, 7), table.slice(7)])
    assert {row["distance"] for row in shift.shift(whole, whole)} == {0}


def test_what_shifted_most_comes_first_with_its_distance(pair_table):
    old = pair_table(*({"group": "x", "outcome": "a"} for _ in range(10)))
    new = pair_table(*({"group": "xy"[n % 2], "outcome": "a", "gold": "a"} for n in range(10)))
    found = shift.shift(shift.profile([old]), shift.profile([new]))
    assert [row["property"] for row in found[:2]] == ["verified", "subset"]
    assert [row["distance"] for row in found[:2]] == [1, pytest.approx(0.5)]
    assert by_name(found)["raters"]["distance"] is None, "nobody voted"
    assert by_name(found)["subset"]["values"][0] == {"name": "x", "before": 10, "after": 5}


def test_lengths_are_those_of_the_better_against_the_other(pair_table):
    table = pair_table(
        {"response_a": "x" * 30, "response_b": "x" * 10, "outcome": "a"},
        {"response_a": "x" * 30, "response_b": "x" * 10, "outcome": "b"},
        {"response_a": "x" * 30, "response_b": "x" * 10, "outcome": "tie"},
    )
    assert shift.profile([table])["length"] == {"over twice": 1, "under half": 1}


def test_languages_are_told_apart(pair_table):
    english = "The quick brown fox jumps over the lazy dog and sleeps all afternoon."
    german = "Der schnelle braune Fuchs springt über den faulen Hund und schläft dann."
    rows = ({"prompt": text, "response_a": text, "response_b": text[:40]} for text in (english, german))
    table = pair_table(*rows)
    assert shift.profile([table])["language"] == {"en": 1, "de": 1}
