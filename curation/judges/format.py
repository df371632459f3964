"""A rule: the form of a response, such as valid JSON, a Markdown list or table, or lines that follow a pattern."""

import json
import re
from collections.abc import Callable

from markdown_it import MarkdownIt

from curation.judges import Case, JudgeError, Judgement, Tools
from curation.judges._bounded import matches
from curation.judges._rules import Checked, ruled, share_of
from curation.judges._scores import can_score
from curation.judges._settings import settings_schema

TITLE = "Format"
SUMMARY = "Checks the form of a response: JSON, Markdown parts, a pattern."
KIND = "rule"
NEEDS: frozenset[str] = frozenset()
_TOKENS = {
    "heading": "heading_open",
    "bullet_list": "bullet_list_open",
    "numbered_list": "ordered_list_open",
    "table": "table_open",
    "code_block": "fence",
    "quote": "blockquote_open",
}
_PARTS = {"type": "array", "items": {"enum": sorted(_TOKENS)}, "uniqueItems": True, "default": []}
SETTINGS = settings_schema(
    whole={
        "enum": ["any", "json", "one_paragraph"],
        "default": "any",
        "title": "The whole response is",
        "description": "json: one JSON value, in a code block or bare. one_paragraph: no blank line.",
    },
    parts={**_PARTS, "title": "Markdown parts that it must have"},
    forbidden_parts={**_PARTS, "title": "Markdown parts that it must not have"},
    pattern={
        "type": "string",
        "maxLength": 500,
        "default": "",
        "title": "Pattern",
        "description": "A regular expression that the whole response must match; . matches line ends too.",
    },
)
PROMPT = ""
can_answer = can_score


def judge(case: Case, tools: Tools) -> Judgement:
    """The score is the share of the checks that hold.

    Raises
    ------
    JudgeError
        If nothing is to be checked, or the pattern is no regular expression.
    """
    checks = _checks(tools)
    if not checks:
        raise JudgeError("The rule has nothing to check: choose a form, parts or a pattern.")

    def check(key: str, text: str) -> Checked:
        return share_of({name: holds(text) for name, holds in checks.items()})

    return ruled(case, check)


def as_json(text: str) -> str:
    """The text that should be JSON: without the one code block around it."""
    text = text.strip()
    fenced = re.fullmatch(r"```\w*\n(.*?)\n?```", text, re.DOTALL)
    return fenced.group(1) if fenced else text


def _checks(tools: Tools) -> dict[str, Callable[[str], bool]]:
    settings = tools.settings
    found: dict[str, Callable[[str], bool]] = {}
    if settings["whole"] == "json":
        found["is no JSON"] = _is_json
    if settings["whole"] == "one_paragraph":
        found["has more than one paragraph"] = lambda text: not re.search(r"\n[ \t]*\n", text.strip())
    for part in settings["parts"]:
        found[f"has no {part.replace('_', ' ')}"] = lambda text, part=part: _TOKENS[part] in _parts(text)  # type: ignore[misc]
    for part in settings["forbidden_parts"]:
        found[f"has a {part.replace('_', ' ')}"] = lambda text, part=part: _TOKENS[part] not in _parts(text)  # type: ignore[misc]
    if settings["pattern"]:
        try:
            re.compile(settings["pattern"])
        except re.error as error:
            raise JudgeError(f"The pattern is no regular expression: {error}.") from error
        found["does not match the pattern"] = lambda text: matches(settings["pattern"], text)
    return found


def _parts(text: str) -> set[str]:
    return {token.type for token in MarkdownIt("commonmark").enable("table").parse(text)}


def _is_json(text: str) -> bool:
    try:
        json.loads(as_json(text), parse_constant=_no_number)
    except (ValueError, RecursionError):
        return False
    return True


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")
