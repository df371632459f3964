"""Our own interchange, in all the shapes that it may take."""

import contextlib
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation import pairing
from curation.formats import RowError, votes
from curation.reading import open_source

ROW = {"prompt": "q", "response_a": "x", "response_b": "y"}


def parsed(**changes):
    return votes.parse({**ROW, **changes})


def test_reads_a_whole_row():
    found = votes.parse(votes.EXAMPLE)
    assert found.external_id == "q1"
    assert found.prompt == [{"role": "user", "content": "Why is the sky blue?"}]
    assert [response.text for response in found.responses] == ["Rayleigh scattering.", "It mirrors the sea."]
    assert found.responses[1].model == "m-7b"
    assert (found.group, found.gold) == ("physics", "a")
    (vote,) = found.votes
    assert (vote.rater, vote.outcome, vote.strength, vote.scale, vote.seconds) == ("ann", "a", 2, 3, 12.5)
    assert vote.reason == "true"


def test_topic_is_the_group_and_stays_in_the_metadata():
    found = parsed(topic="bottles", stance="pro")
    assert found.group == "bottles"
    assert found.metadata == {"topic": "bottles", "stance": "pro"}


def test_conversations_in_messages_or_prompt():
    said = [{"role": "system", "content": "s"}, {"role": "user", "content": [{"type": "text", "text": "q"}]}]
    for name in ("messages", "prompt"):
        found = votes.parse({**ROW, "prompt": None, name: said})
        assert found.prompt == [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]


def test_pictures_inside_messages_are_refused_with_advice():
    with pytest.raises(RowError, match="media"):
        parsed(prompt=[{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}])


def test_many_responses_with_votes_between_them():
    found = votes.parse(
        {
            "prompt": "q",
            "responses": ["x", {"text": "y", "model": "m", "media": "a.png", "seed": 3}, "z"],
            "votes": [{"rater": "r", "choice": "b", "between": [0, 2]}],
        }
    )
    assert found.responses[1].media == ("a.png",)
    assert found.responses[1].metadata == {"seed": 3}
    assert (found.votes[0].a, found.votes[0].b) == (0, 2)


def test_a_response_may_be_pictures_alone():
    found = parsed(response_a={"media": ["a.png"]}, response_b="", media_b=["b.png"])
    assert [response.media for response in found.responses] == [("a.png",), ("b.png",)]


def test_item_may_have_media_and_its_own_criteria():
    found = parsed(media=["source.png"], criteria=[{"name": "short", "points": 2}])
    assert found.media == ("source.png",)
    assert found.criteria == ({"name": "short", "points": 2},)


def test_one_line_a_vote_as_tables_have_it():
    cells = {"id": "7", "rater": "ann", "choice": "b", "seconds": "3.5", "strength": "2", "scale": "3", "gold": ""}
    found = votes.parse({**ROW, **cells, "reason": "", "submitted_at": "", "model_a": "m"})
    (vote,) = found.votes
    assert (vote.rater, vote.outcome, vote.seconds, vote.strength, vote.scale) == ("ann", "b", 3.5, 2, 3)
    assert found.responses[0].model == "m"
    assert (found.gold, found.metadata) == ("", {})


def test_structures_inside_the_cells_of_a_table():
    cells = {
        "votes": '[{"rater": "r", "choice": "a"}]',
        "metadata": '{"k": 1}',
        "prompt": '[{"role": "user", "content": "q"}]',
    }
    found = votes.parse({**ROW, **cells})
    assert found.votes[0].rater == "r"
    assert found.metadata == {"k": 1}
    assert found.prompt[0]["content"] == "q"


def test_text_that_only_looks_like_json_stays_text():
    found = parsed(prompt="[{not json", response_a="[1, 2]", response_b='{"a": 1}')
    assert found.prompt[0]["content"] == "[{not json"
    assert [response.text for response in found.responses] == ["[1, 2]", '{"a": 1}']


def test_strength_needs_its_scale():
    assert parsed(scale=3, votes=[{"rater": "r", "choice": "a", "strength": 2}]).votes[0].scale == 3
    with pytest.raises(RowError, match="scale"):
        parsed(votes=[{"rater": "r", "choice": "a", "strength": 2}])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prompt": None}, "prompt is missing"),
        ({"prompt": "  "}, "prompt is empty"),
        ({"prompt": 5}, "prompt is 5"),
        ({"response_b": None}, "response_b is missing"),
        ({"response_b": 3}, "response_b is 3; text is expected"),
        ({"response_a": "", "response_b": " "}, "Every response is empty"),
        ({"responses": "x"}, "a list is expected"),
        ({"responses": [{"text": 1}]}, "text of response 1"),
        ({"gold": "left"}, "'left'"),
        ({"votes": "yes"}, "list of objects"),
        ({"votes": [1]}, "list of objects"),
        ({"votes": "[broken"}, "cannot be read"),
        ({"votes": [{"rater": "r", "choice": "A"}]}, "choice of vote 1"),
        ({"votes": [{"rater": "r", "choice": ["a"]}]}, "choice of vote 1"),
        ({"votes": [{"choice": "a"}]}, "no rater"),
        ({"votes": [{"rater": "r", "choice": "a", "seconds": "long"}]}, "seconds is 'long'"),
        ({"votes": [{"rater": "r", "choice": "a", "seconds": 10**400}]}, "a number is expected"),
        ({"votes": [{"rater": "r", "choice": "a", "strength": 1.5, "scale": 3}]}, "whole number"),
        ({"votes": [{"rater": "r", "choice": "a", "between": [0]}]}, "two response numbers"),
        ({"votes": [{"rater": "r", "choice": "a", "between": [0, 7]}]}, "does not have"),
        ({"media": {"a": 1}}, "files or URLs"),
        ({"metadata": [1]}, "metadata is"),
        ({"id": {"a": 1}}, "id is"),
        ({"response_a": "y" * 5_000_000}, "5,000,000 characters"),
    ],
)
def test_bad_rows_are_refused_with_the_reason(changes, message):
    with pytest.raises(RowError, match=message):
        parsed(**changes)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([*votes._ROW, *votes._VOTE, "topic", "extra"])


@given(st.dictionaries(fields, json_values, max_size=8))
def test_whatever_comes_is_read_or_refused_but_never_breaks(changes):
    with contextlib.suppress(RowError):
        assert parsed(**changes).responses


def test_export_says_everything_but_reasons(pair_table):
    table = pair_table(
        {"votes": "aab", "outcome": "a", "gold": "a", "metadata": '{"k":1}', "group": "g", "model_a": "m"}
    )
    (row,) = votes.export(table, {}, Counter())
    again = votes.parse(json.loads(json.dumps(row)))
    (back,) = pairing.table([again]).to_pylist()
    (original,) = table.to_pylist()
    for name in ("row_id", "item", "group", "model_a", "gold", "metadata", "n_votes", "votes"):
        assert back[name] == original[name]
    assert row["consensus"] == {"a": 1.0, "b": 0.0, "tie": 0.0, "both_bad": 0.0}


def test_export_keeps_strengths(pair_table):
    level = [{"rater": "r", "outcome": "b", "level": -2 / 3, "seconds": 4.0}]
    (row,) = votes.export(pair_table({"votes": level}), {}, Counter())
    (vote,) = pairing.table([votes.parse(row)]).to_pylist()[0]["votes"]
    assert vote["level"] == pytest.approx(-2 / 3)


@pytest.mark.real_data
def test_convarg_parses_fully(real_data):
    with open_source(real_data / "convarg/pairs.jsonl.gz") as reader:
        found = [votes.parse(row.data) for row in reader]
    assert len(found) == 13_845
    assert sum(len(row.votes) for row in found) == 69_075
    assert len({vote.rater for row in found for vote in row.votes}) == 3_799
    assert Counter(row.gold for row in found) == {"b": 5171, "a": 5131, "tie": 2835, "": 708}
    assert len({row.group for row in found}) == 13
