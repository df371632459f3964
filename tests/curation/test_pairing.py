"""Pair tables without a database."""

import pytest

from annotate.records import Preference, Ranking
from curation import pairing, pairs
from curation.formats import Parsed, ParsedAnswer, ParsedResponse, ParsedVote

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
    first, second, third = rows_of(Parsed(PROMPT, texts, "id", "g", "a", votes, metadata={"k": 1}))
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


def test_rankings_and_comparisons_among_the_answers_are_votes():
    loose = {"item": "", "rater": "", "question": "q"}
    ranking = Ranking(**loose, ranks={"0": 1, "1": 2, "2": 2})
    comparison = Preference(**loose, dimension="clarity", a="1", b="0", outcome="a", strength=2, scale=4)
    answer = ParsedAnswer("ann", (ranking, comparison), seconds=3.0)
    responses = tuple(ParsedResponse(text) for text in "xyz")
    parsed = Parsed([{"role": "user", "content": "q"}], responses, answers=(answer,))
    rows = {(row["response_a"], row["response_b"], row["dimension"]): row for row in pairing.pairs_of(parsed)}
    assert {key: (row["p_a"], row["p_b"], row["p_tie"]) for key, row in rows.items()} == {
        ("x", "y", ""): (1, 0, 0),
        ("x", "z", ""): (1, 0, 0),
        ("y", "z", ""): (0, 0, 1),
        ("x", "y", "clarity"): (0, 1, 0),
    }
    (vote,) = rows["x", "y", "clarity"]["votes"]
    assert (vote["rater"], vote["level"], vote["seconds"]) == ("ann", -0.5, 3.0)
