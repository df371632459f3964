"""AI judges: one file each, found by discovery; a case in, an answer in the people's own form out.

The contract that every module here fulfils (tests/curation/judges/test_contract.py holds it):

    TITLE, SUMMARY : str
    KIND : str                         "language_model", "reward_model" or "rule": of the rater that it becomes
    NEEDS : frozenset[str]             of "ask", "score", "likelihood": the tools that it calls
    SETTINGS : dict                    JSON Schema of the settings, closed; a property without a default is required
    PROMPT : str                       the instruction that a new judge starts from; "" where none is sent
    can_answer(kind, asked) -> bool    whether it can answer questions of a feedback kind with these settings
    judge(case, tools) -> Judgement

The answer is checked against the feedback kind's own schema, by the same code as people's. What does not parse is
kept as it came, with the reason, and is never guessed. All text under judgement is data and is fenced off as such
(`_prompt`). Pure: knows no Django.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import numpy as np

from annotate import discovery, feedback
from annotate.feedback import Answer, Asked
from curation.clients import Completion, Endpoint, Request


class JudgeError(ValueError):
    """A judge that cannot work as it is set up, whatever the case; the message says what to change. A run stops."""


@dataclass(frozen=True)
class Example:
    """A case that people have answered, shown to a judge: the prompt, the responses by key, and their answer."""

    prompt: tuple[Mapping[str, Any], ...]
    texts: Mapping[str, str]
    answer: Answer
    reason: str = ""


@dataclass(frozen=True)
class Case:
    """One question about one task, as a judge sees it.

    Attributes
    ----------
    item : external id of the item.
    kind : feedback kind of the question.
    asked : the question with its settings, response keys in the item's own order, source texts and criteria.
    title : the question in words.
    prompt : the conversation, dicts of role and content.
    guidelines : the project's, Markdown; "" for none.
    examples : answered by people, the most similar first.
    models : who wrote each response, by key; judges never show it to a model.
    images : by response key, data: URLs of its pictures.
    metadata : the item's own, such as a reference answer or the checks that a rule is to run.
    """

    item: str
    kind: str
    asked: Asked
    title: str
    prompt: tuple[Mapping[str, Any], ...]
    guidelines: str = ""
    examples: tuple[Example, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, Sequence[str]] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """One thing that was said on the way to an answer.

    Attributes
    ----------
    order : response keys in the order shown.
    raw : the text as it came.
    answer : what it says in the kind's own form; None where it does not parse, with the reason in ``error``.
    probs : probability of each choice by response key, "tie" or "both_bad", where the model gave one.
    call : hash of the request that it answers, "" where no server was asked.
    """

    order: tuple[str, ...]
    raw: str
    answer: Answer | None = None
    error: str = ""
    probs: Mapping[str, float] | None = None
    call: str = ""


@dataclass(frozen=True)
class Judgement:
    """What a judge makes of a case.

    Attributes
    ----------
    answer : in the feedback kind's form; None where what was said does not make one.
    probs : by dimension ("overall" for the whole), probability of each choice by response key, "tie", "both_bad"; of
        kinds that compare no single pair by what is judged, such as "r1#cites_source", and category.
    samples : everything that was said.
    notes : what else is worth keeping, plain JSON: position consistency, generated criteria, scores by response key.
    """

    answer: Answer | None
    probs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    samples: tuple[Sample, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


def _no_tool(*_: Any) -> Any:
    raise NotImplementedError("This judge was not given the tool that it needs.")


@dataclass(frozen=True)
class Tools:
    """What a judge may use.

    Attributes
    ----------
    settings : the judge's own, with defaults filled in.
    prompt : its instruction.
    ask : (request, endpoint's name or "" for the judge's own) -> (completion, hash of the request). Cached, limited
        and paid for by the caller; raises what the caller raises when the budget is spent or the server is gone.
    score : (model, prompts, responses) -> rewards, as `curation.ports.Score`.
    likelihood : (model, prompts, continuations) -> log-likelihoods and token counts, as `curation.ports.Likelihood`.
    seed : of whatever is drawn.
    """

    settings: Mapping[str, Any]
    prompt: str = ""
    ask: Callable[[Request, str], tuple[Completion, str]] = _no_tool
    score: Callable[[str, Sequence[str], Sequence[str]], np.ndarray] = _no_tool
    likelihood: Callable[[str, Sequence[str], Sequence[str]], tuple[np.ndarray, np.ndarray]] = _no_tool
    seed: int = 0


class Judge(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    KIND: str
    NEEDS: frozenset[str]
    SETTINGS: dict[str, Any]
    PROMPT: str

    def can_answer(self, kind: str, asked: Asked) -> bool: ...
    def judge(self, case: Case, tools: Tools) -> Judgement: ...


def names() -> tuple[str, ...]:
    """Identifiers of all judges."""
    return discovery.names(__name__)


def get(name: str) -> Judge:
    """The judge called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Judge, discovery.load(__name__, name))


def settings_with_defaults(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A judge's settings with its defaults filled in.

    Raises
    ------
    annotate.discovery.UnknownPlugin
        If there is no such judge.
    annotate.feedback.InvalidAnswer
        If the settings do not fit its ``SETTINGS`` schema; with the path inside them.
    """
    return cast(dict[str, Any], feedback.filled(settings, get(name).SETTINGS))


__all__ = (
    "Case", "Completion", "Endpoint", "Example", "Judge", "JudgeError", "Judgement", "Request", "Sample", "Tools",
    "get", "names", "settings_with_defaults",
)  # fmt: skip
