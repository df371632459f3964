"""A rule: the Python program in a response passes the item's tests, each run in a locked-down process of its own."""

import os
from typing import Any

from markdown_it import MarkdownIt

from curation.judges import Case, JudgeError, Judgement, Tools
from curation.judges import _sandbox as sandbox
from curation.judges._rules import FIELD, Checked, from_item, nothing_to_check, ruled
from curation.judges._scores import can_score
from curation.judges._settings import settings_schema

TITLE = "Python tests"
SUMMARY = "Runs the Python program of a response against tests, locked down; the score is the share that pass."
KIND = "rule"
NEEDS: frozenset[str] = frozenset()
SETTINGS = settings_schema(
    field={**FIELD, "default": "tests", "description": "The tests are read from the item's metadata: a list of code."},
    seconds={"type": "number", "exclusiveMinimum": 0, "maximum": 60, "default": 5, "title": "Seconds a test"},
    megabytes={"type": "integer", "minimum": 64, "maximum": 4096, "default": 512, "title": "Memory a test, MB"},
)
PROMPT = ""
can_answer = can_score
MOST_TESTS = 100
# The operator's word, not the judge's: whoever may make a judge must not run code on the worker by that.
UNCONFINED = "UNCONFINED_PROGRAMS"
_PYTHON = ("", "python", "py", "python3")


def judge(case: Case, tools: Tools) -> Judgement:
    """Notes say what was locked down.

    Raises
    ------
    JudgeError
        Where the system cannot confine the programs and the operator does not allow to run them so.
    """
    given = from_item(case, tools.settings["field"], None)
    tests = [test for test in _listed(given) if isinstance(test, str) and test.strip()][:MOST_TESTS]
    if not tests:
        return nothing_to_check(f"The item's metadata has no tests under {tools.settings['field']!r}.")
    locks = sandbox.locks()
    if not locks.confined and os.environ.get(UNCONFINED) != "1":
        raise JudgeError(
            "This system lets no process make namespaces, so foreign programs would not be confined. The operator can "
            f"run the worker where `unshare` is permitted, or set {UNCONFINED}=1 where all programs can be trusted."
        )

    def check(key: str, text: str) -> Checked:
        limits = sandbox.Limits(tools.settings["seconds"], tools.settings["megabytes"])
        ends = [sandbox.run(program(text), test, limits) for test in tests]
        faults = [f"test {place}: {end}" for place, end in enumerate(ends, 1) if end]
        return Checked(1 - len(faults) / len(tests), tuple(faults))

    return ruled(case, check, locked=list(locks.held), not_locked=list(locks.lacking))


def program(text: str) -> str:
    """The Python code blocks of a response one after the other; without any, the whole response."""
    fences = (token for token in MarkdownIt().parse(text) if token.type == "fence")
    blocks = [fence.content for fence in fences if fence.info.strip().lower() in _PYTHON]
    return "\n".join(blocks) if blocks else text


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]
