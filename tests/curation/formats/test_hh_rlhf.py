"""Transcripts that share their prompt."""

import pytest

from curation.formats import RowError, hh_rlhf

START = "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: Is it late?\n\nAssistant:"


def test_shared_turns_become_messages():
    parsed = hh_rlhf.parse({"chosen": f"{START} Yes, ten.", "rejected": f"{START} Yes, go away."})
    assert parsed.prompt == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "Is it late?"},
    ]
    better = parsed.responses[0 if parsed.votes[0].outcome == "a" else 1]
    assert better.text == "Yes, ten."


def test_turns_after_the_parting_stay_in_the_response():
    chosen = f"{START} Yes.\n\nHuman: Thanks\n\nAssistant: Sure."
    parsed = hh_rlhf.parse({"chosen": chosen, "rejected": f"{START} No."})
    assert {response.text for response in parsed.responses} == {"Yes.\n\nHuman: Thanks\n\nAssistant: Sure.", "No."}


def test_paragraphs_inside_a_turn_are_no_turns():
    start = "\n\nHuman: One.\n\nTwo.\n\nAssistant:"
    parsed = hh_rlhf.parse({"chosen": f"{start} x", "rejected": f"{start} y"})
    assert parsed.prompt == [{"role": "user", "content": "One.\n\nTwo."}]


@pytest.mark.parametrize(
    ("chosen", "rejected", "message"),
    [
        ("no turns", "no turns here", "share no prompt"),
        ("\n\nHuman: a\n\nAssistant: x", "\n\nHuman: b\n\nAssistant: y", "share no prompt"),
        (f"{START} same", f"{START} same", "identical"),
        (START, f"{START} y", "chosen response is empty"),
        (5, "x", "chosen is 5"),
    ],
)
def test_bad_rows(chosen, rejected, message):
    with pytest.raises(RowError, match=message):
        hh_rlhf.parse({"chosen": chosen, "rejected": rejected})


def test_long_runs_of_newlines_take_no_time():
    text = "\n" * 300_000
    with pytest.raises(RowError):
        hh_rlhf.parse({"chosen": text + "x", "rejected": text + "y"})
