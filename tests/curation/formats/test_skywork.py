"""Two whole conversations and their source."""

import json

import pytest

from curation.formats import RowError, skywork

ROW = skywork.EXAMPLE


def test_shared_messages_are_the_prompt():
    for row in (ROW, {**ROW, "chosen": json.dumps(ROW["chosen"]), "rejected": json.dumps(ROW["rejected"])}):
        parsed = skywork.parse(row)
        assert parsed.prompt == [{"role": "user", "content": "Name a river."}]
        better = parsed.responses[0 if parsed.votes[0].outcome == "a" else 1]
        assert better.text == "The Elbe."
        assert parsed.metadata == {"source": "made_up"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"chosen": "The Elbe."}, "chosen is no list"),
        ({"rejected": None}, "rejected is no list"),
        ({"rejected": ROW["chosen"]}, "identical"),
        ({"rejected": []}, "list of messages"),
    ],
)
def test_bad_rows(changes, message):
    with pytest.raises(RowError, match=message):
        skywork.parse({**ROW, **changes})
