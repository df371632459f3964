"""Pair tables without a database."""

import pytest

from curation import pairing, pairs
from curation.formats import Parsed, ParsedResponse, ParsedVote

PROMPT = [{"role": "user", "content": "q"}]


def rows_of(*parsed):
    table = pairing.table(parsed)
    assert table.schema == pairs.SCHEMA
    return table.to_pylist()


def test_one_row_a_pair_and_dimension():
    votes = (
        ParsedVote("r", "a"), ParsedVote("s", "b", 1, 0, strength=2, scale=4), ParsedVote("r", "tie", 0, 2),
        ParsedVote("r", "b", dimension="style"),
    )  # fmt: skip
    texts = tuple(ParsedResponse(text, model=f"m-{text}") for text in "xyz")
    first, second, third = rows_of(Parsed(PROMPT, texts, "id", "g", "a", votes, {"k": 1}))
    assert (first["item"], first["group"], first["metadata"]) == ("id", "g", '{"k":1}')
    assert [(vote["rater"], vote["outcome"], vote["level"]) for vote in first["votes"]] == [
        ("r", "a", 1),
        ("s", "a", 0.5),
    ]
    assert (first["p_a"], first["strength"], first["n_votes"], first["gold"]) == (1, 0.75, 2, "a")
    assert (second["response_b"], second["model_b"], second["gold"], second["p_tie"]) == ("z", "m-z", None, 1)
    assert (third["dimension"], third["p_b"]) == ("style", 1)
    assert first["row_id"] == pairs.row_id(first["prompt"], "x", "y")


def test_pairs_without_votes_take_gold_or_nothing():
    two = (ParsedResponse("x"), ParsedResponse("y"))
    known, unknown = rows_of(Parsed(PROMPT, two, gold="b"), Parsed(PROMPT, two))
    assert (known["p_b"], known["n_votes"]) == (1, 0)
    assert [unknown[name] for name in pairs.PROBABILITIES] == [0.25] * 4
    assert known["item"] == unknown["item"] != ""
    assert rows_of(Parsed(PROMPT, (*two, ParsedResponse("z")))) == []


@pytest.mark.parametrize(("outcome", "margin"), [("a", 0.5), ("b", -0.5), ("tie", 0.0)])
def test_margins_point_to_the_better_response(outcome, margin):
    two = (ParsedResponse("x"), ParsedResponse("y"))
    (row,) = rows_of(Parsed(PROMPT, two, votes=(ParsedVote("r", outcome),), metadata={"margin": 0.5}))
    assert row["margin"] == margin
