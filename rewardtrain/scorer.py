"""Asks the scoring server (`python -m rewardtrain serve`) for rewards, so that the web process needs no torch.

Where TOUCHSTONE_SCORER_TOKEN is set, it is sent along; both processes need the same.
"""

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from rewardtrain.models import RewardModel

TIMEOUT_SECONDS = 120
AWAY = "The scoring server does not answer; `make demo` starts it, elsewhere run `python -m rewardtrain serve`."


class ScorerUnavailable(RuntimeError):
    """The scoring server does not answer."""


class ScorerRefused(ValueError):
    """The scoring server would not score this; the message says why."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Told:
    """What a model says of some texts; ``deviation`` is None where it, or the server, says none."""

    rewards: list[float]
    deviation: list[float] | None = None
    aspects: dict[str, list[float]] = field(default_factory=dict)  # by dimension


def score(*, model: RewardModel, prompts: Sequence[str], responses: Sequence[str]) -> list[float]:
    """Rewards of (prompt, response) texts by a registered model.

    Raises
    ------
    ScorerRefused
        If the request is wrong.
    ScorerUnavailable
        If no server answers at SCORER_URL.
    """
    try:
        return list(_ask("/score", model, prompts, responses)["rewards"])
    except (KeyError, TypeError) as error:
        raise ScorerUnavailable(AWAY) from error


def scores(*, model: RewardModel, prompts: Sequence[str], responses: Sequence[str]) -> Told:
    """`score`, with deviation and dimensions where model and server give them."""
    try:
        found = _ask("/v1/score", model, prompts, responses)
    except ScorerRefused as error:
        if error.status != 404:  # a server that knows no /v1/score, or a model that is not there: ask plainly
            raise
        found = _ask("/score", model, prompts, responses)
    try:
        rewards, deviation, aspects = found["rewards"], found.get("deviation"), found.get("aspects") or {}
        if any(len(values) != len(responses) for values in (rewards, deviation or rewards, *aspects.values())):
            raise ScorerUnavailable("The scoring server gave another number of rewards than it was asked for.")
        told = {name: [float(value) for value in values] for name, values in aspects.items()}
        return Told([float(value) for value in rewards], deviation and [float(value) for value in deviation], told)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ScorerUnavailable(AWAY) from error


def _ask(path: str, model: RewardModel, prompts: Sequence[str], responses: Sequence[str]) -> Any:
    name = str(model.folder.relative_to(settings.RUNS_DIR))
    body = json.dumps({"model": name, "prompts": list(prompts), "responses": list(responses)}).encode()
    headers = {"Content-Type": "application/json"}
    if token := os.environ.get("TOUCHSTONE_SCORER_TOKEN", "").strip():
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{settings.SCORER_URL}{path}", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code >= 500 or error.code in (401, 403, 429):  # not what the request says is to blame
            raise ScorerUnavailable(f"The scoring server failed: {_message(error)}") from error
        raise ScorerRefused(_message(error), error.code) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ScorerUnavailable(AWAY) from error


def _message(error: urllib.error.HTTPError) -> str:
    """What the server says about its refusal, if it is the server that speaks."""
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"{error.code} {error.reason}"
