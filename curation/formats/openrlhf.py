"""OpenRLHF's reward data: prompt, chosen and rejected, with a margin.

    {"prompt": [{"role": "user", "content": "Q"}], "chosen": [{"role": "assistant", "content": "A"}],
     "rejected": [{"role": "assistant", "content": "B"}], "margin": 0.5}

Train with ``--data.prompt_key prompt --data.chosen_key chosen --data.rejected_key rejected`` and, for messages,
``--data.apply_chat_template``. Source: openrlhf/datasets/reward_dataset.py of https://github.com/OpenRLHF/OpenRLHF
(read): with a chat template it adds the lists of prompt and chosen, without one the texts; a missing margin is 0.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from curation.formats import trl

TITLE = "OpenRLHF"
SUMMARY = "Prompt, chosen and rejected as messages or text, with margins; read by OpenRLHF's reward training."
OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {name: trl.OPTIONS["properties"][name] for name in ("style", "margin_scale")},  # type: ignore[index]
}


def export(table: pa.Table, options: Mapping[str, Any], left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Pairs that have a winner, in the order of the table."""
    return trl.export(table, {**options, "prompt": "explicit", "label": "margin", "ties": "drop"}, left_out)
