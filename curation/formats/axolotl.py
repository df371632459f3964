"""axolotl's reward data: one question with a better and a worse answer.

    {"system": "", "input": "Q", "chosen": "A", "rejected": "B"}

Read by ``type: bradley_terry.chat_template``. Source: src/axolotl/prompt_strategies/bradley_terry/chat_template.py of
https://github.com/axolotl-ai-cloud/axolotl (read): it takes exactly these four columns and fails without ``system``.
Conversations of several turns cannot be said and are left out. Step labels: the format trl_stepwise.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from curation.formats._winners import winners

TITLE = "axolotl"
SUMMARY = "System, input, chosen and rejected, read by axolotl's bradley_terry.chat_template; one question a row."
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {}}
LEFT_OUT = {"turns": "The prompt is not one question of a user, with or without a system prompt."}


def export(table: pa.Table, options: Mapping[str, Any], left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Pairs that have a winner and a prompt of one turn."""
    for row, chosen, rejected, _ in winners(table, left_out):
        prompt = json.loads(row["prompt"])
        system = [message for message in prompt if message["role"] == "system"]
        if [message["role"] for message in prompt] != ["system"] * len(system) + ["user"] or len(system) > 1:
            left_out["turns"] += 1
            continue
        yield {
            "system": system[0]["content"] if system else "",
            "input": prompt[-1]["content"],
            "chosen": row[f"response_{chosen}"],
            "rejected": row[f"response_{rejected}"],
        }
