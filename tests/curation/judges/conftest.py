"""Cases of every feedback kind, and a model that answers whatever schema it is given."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from annotate import feedback
from annotate.feedback import Asked
from curation import judges
from curation.judges import Case, Completion, Example, Judgement, Request, Tools

PICTURE = "data:image/png;base64,iVBORw0KGgo="
GIVEN = {
    "reward_model": {"model": "7"},
    "reward_ensemble": {"models": ["7", "8"], "most_deviation": 1e9},
    "reward_and_rules": {"model": "7", "rules": [{"rule": "length", "weight": 1, "settings": {"most": 3}}]},
    "panel": {"endpoints": ["one", "two"]},
    "prompt_likelihood": {"model": "tiny"},
    "followup_likelihood": {"model": "tiny"},
    "density_ratio": {"strong": "tiny", "weak": "tinier"},
    "length": {"most": 3},
    "keywords": {"required": ["source"]},
    "format": {"whole": "json"},
    "exact_answer": {"answer": "42"},
}
METADATA = {"answer": "200", "json_schema": {"type": "object"}, "tests": ["assert answer == 42"]}


def case_of(kind: str, **changes: Any) -> Case:
    """The kind's own example as a case, with criteria, guidelines, an example of people's and a picture."""
    asked, answer = feedback.get(kind).example()
    first = asked.responses[0]
    case = Case(
        item="item-1",
        kind=kind,
        asked=asked,
        title="How good is it?",
        prompt=({"role": "user", "content": "How much a day?"},),
        guidelines="Be strict.",
        examples=(Example(({"role": "user", "content": "And how often?"},), asked.texts, answer, "Says how much."),),
        models=dict.fromkeys(asked.responses, "secret-model-9000"),
        images={first: (PICTURE,)},
        metadata=METADATA,
    )
    return replace(case, **changes)


def value_of(schema: dict[str, Any], draw: random.Random) -> Any:
    """Some value that fits."""
    if "enum" in schema:
        return draw.choice(schema["enum"])
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    if kind == "object":
        return {name: value_of(part, draw) for name, part in schema["properties"].items()}
    if kind == "array":
        return [value_of(schema["items"], draw) for _ in range(schema.get("minItems", 0))]
    if kind == "integer":
        return draw.randint(schema.get("minimum", 0), schema.get("maximum", 9))
    return " ".join(draw.choice(("clear", "wrong", "short", "vague")) for _ in range(12))


def sound(value: Any) -> Any:
    """A drawn answer that also holds what kinds check beyond their schema: strengths of ties, dense ranks."""
    if isinstance(value, dict):
        value = {name: sound(part) for name, part in value.items()}
        if value.keys() == {"chosen", "strength"}:
            neither = value["chosen"] in ("tie", "both_bad")
            value["strength"] = 0 if neither else max(1, value["strength"])
        elif value and all(isinstance(part, int) and not isinstance(part, bool) for part in value.values()):
            order = sorted(set(value.values()))
            value = {name: order.index(part) + 1 for name, part in value.items()}
        return value
    return [sound(part) for part in value] if isinstance(value, list) else value


class Model:
    """Answers any schema, the same for the same request, and remembers what it was asked."""

    def __init__(self, garbage: str = "", logprobs: bool = True) -> None:
        self.asked: list[tuple[Request, str]] = []
        self.garbage, self.logprobs = garbage, logprobs

    def __call__(self, request: Request, endpoint: str = "") -> tuple[Completion, str]:
        self.asked.append((request, endpoint))
        key = json.dumps([request.messages, request.seed, endpoint])
        texts, tokens = [], []
        for place in range(request.n):
            draw = random.Random(f"{key}{place}")
            value = "yes" if request.schema is None else json.dumps(sound(value_of(dict(request.schema), draw)))
            texts.append(self.garbage or value)
            yes = draw.random()
            tokens.append({" Yes": yes, "no": 0.9 * (1 - yes), "maybe": 0.1 * (1 - yes)} if self.logprobs else None)
            if self.garbage:
                tokens[-1] = {"Sorry": 0.9}
        return Completion(tuple(texts), 10, 5, tuple(tokens)), f"hash{len(self.asked)}"


def score(model: str, prompts: Any, texts: Any) -> np.ndarray:
    return np.array([len(text) * int(model) / 10 for text in texts], float)


def likelihood(model: str, prompts: Any, texts: Any) -> tuple[np.ndarray, np.ndarray]:
    lengths = np.array([len(prompt) + 2 * len(text) for prompt, text in zip(prompts, texts, strict=True)], float)
    return -lengths / len(model), np.maximum(lengths // 4, 1)


def texts_of(kind: str, *texts: str, metadata: Any = None, **settings: Any) -> Case:
    """A bare case of these responses, r1, r2, …"""
    given = {f"r{place}": text for place, text in enumerate(texts, 1)}
    asked = Asked("q", feedback.settings_with_defaults(kind, settings), tuple(given), given)
    return Case("item-1", kind, asked, "", ({"role": "user", "content": "How much?"},), metadata=metadata or {})


@pytest.fixture
def judged() -> Callable[..., Judgement]:
    """``judged("pairwise", case, ask, samples=3)``: what a judge makes of a case."""

    def run(name: str, case: Case, ask: Any = None, *, seed: int = 0, **settings: Any) -> Judgement:
        filled = judges.settings_with_defaults(name, {**GIVEN.get(name, {}), **settings})
        judge = judges.get(name)
        tools = Tools(filled, judge.PROMPT, ask or Model(), score, likelihood, seed)
        return judge.judge(case, tools)

    return run
