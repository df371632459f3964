"""Attributes by a language model, one call a pair; where the reply does not parse, those of `rules` stand in.

Who gave them is kept with them (``by``), so nobody takes a keyword's guess for a model's.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from annotate.feedback import closed
from curation import judges
from curation.campaign import BudgetSpent, Tools
from curation.campaign.attributes import ASKED, rules
from curation.campaign.cases import case_of
from curation.clients import ServerError
from curation.filters import settings_schema
from curation.judges._prompt import Shown, messages
from curation.judges._reply import ask

TITLE = "By a language model"
SUMMARY = "Asks a model for category, objectivity, controversiality, desired attributes and a guideline of every pair."
SETTINGS = settings_schema(
    endpoint={"type": "string", "maxLength": 80, "title": "Model that is asked"},
    max_tokens={"type": "integer", "minimum": 64, "maximum": 8192, "default": 700, "title": "Most tokens of a reply"},
    concurrency={"type": "integer", "minimum": 1, "maximum": 64, "default": 4, "title": "Calls under way at once"},
)
PROMPT = """\
You prepare pairs of responses for judgement. Do not say which response is better. Say what kind of task the prompt \
sets, how far the better response can be told by facts, how far reasonable people may differ about it, what a good \
response to this very prompt has, and in two or three sentences how an annotator should go about judging these two."""


def describe(table: pa.Table, settings: Mapping[str, Any], tools: Tools) -> list[dict[str, Any]]:
    """What the server does not answer, or the budget does not pay for, is described by rules."""
    fallback = rules.describe(table, {}, tools)
    given = judges.Tools(settings={**settings, "temperature": 0.0}, ask=tools.ask)
    schema = closed(ASKED)

    def of(both: tuple[Mapping[str, Any], dict[str, Any]]) -> dict[str, Any]:
        row, otherwise = both
        shown = Shown(case_of(row), ("a", "b"))
        try:
            (reply, *_) = ask(given, messages(PROMPT, shown, schema), schema)
        except (BudgetSpent, ServerError):
            return otherwise
        return otherwise if reply.error else {**reply.value, "by": settings["endpoint"]}

    return tools.each(of, list(zip(table.to_pylist(), fallback, strict=True)), settings["concurrency"])
