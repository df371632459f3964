"""Revision: corrected, or said to need nothing; the pairs that curation builds from it."""

import pytest

from annotate import feedback
from annotate.feedback import revision
from annotate.records import Revision
from curation import construction
from curation.construction import Item, Material, Response
from curation.filters import Context
from curation.pairs import canonical_json

TEXTS = {"r1": "It boils at 90 °C.\n", "r2": "At 100 °C."}


@pytest.fixture
def asked(ask):
    return ask("revision", texts=TEXTS)


def test_corrected_and_nothing_to_correct(asked):
    answer = {"r1": "It boils at 100 °C.", "r2": ""}
    feedback.validate("revision", answer, asked)
    made = list(revision.to_records(answer, asked))
    assert [(r.response, r.text) for r in made] == [("r1", "It boils at 100 °C."), ("r2", "")]
    readings = list(revision.readings(made))
    assert [(r.category, r.content) for r in readings] == [("corrected", "It boils at 100 °C."), ("unchanged", None)]


@pytest.mark.parametrize("same", ["It boils at 90 °C.", "It boils at 90 °C.\r\n", "  It boils at 90 °C.\n\n"])
def test_the_same_text_is_no_correction(asked, refused, same):
    path, message = refused("revision", {"r1": same, "r2": ""}, asked)
    assert path == "r1"
    assert "nothing to correct" in message
    assert revision.from_records([imported("r1", same)], asked) == {"r1": ""}


def imported(response, text):
    return Revision(item="i1", rater="ann", question="q", response=response, text=text)


def test_blanks_are_no_correction(asked, refused):
    assert refused("revision", {"r1": " \n", "r2": ""}, asked) == ("r1", "Holds nothing but blanks.")


def test_blanks_inside_are_a_correction(ask):
    texts = {"r1": "if x:\nreturn", "r2": "b"}
    feedback.validate("revision", {"r1": "if x:\n    return", "r2": ""}, ask("revision", texts=texts))


def test_nothing_to_correct_only_where_the_form_allows_it(ask, refused):
    asked = ask("revision", texts=TEXTS, unchanged=False)
    assert refused("revision", {"r1": "It boils at 100 °C.", "r2": ""}, asked)[0] == "r2"


def test_a_text_has_an_end(asked, refused):
    path, message = refused("revision", {"r1": "x" * (revision.MOST + 1), "r2": ""}, asked)
    assert (path, message) == ("r1", "Longer than 200,000 characters.")


def test_curation_builds_pairs_from_what_was_corrected_only(asked):
    records = tuple(revision.to_records({"r1": "It boils at 100 °C.", "r2": ""}, asked))
    item = Item(canonical_json([{"role": "user", "content": "?"}]), {k: Response(t, key=k) for k, t in TEXTS.items()})
    from curation import pairs

    material = Material(pairs.SCHEMA.empty_table(), records, {"i1": item})
    settings = {"question": "", "beaten": True}
    (pair,) = construction.get("revisions").construct(material, settings, Context(seed=0))
    assert (pair.better.text, pair.worse.key) == ("It boils at 100 °C.", "r1")
