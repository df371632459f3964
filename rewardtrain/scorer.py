"""Asks the scoring server (`python -m rewardtrain serve`) for rewards, so that the web process needs no torch.

Where TOUCHSTONE_SCORER_TOKEN is set, it is sent along; both processes need the same.
"""

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence

from django.conf import settings

from rewardtrain.models import RewardModel

TIMEOUT_SECONDS = 120


class ScorerUnavailable(RuntimeError):
    """The scoring server does not answer."""


class ScorerRefused(ValueError):
    """The scoring server would not score this; the message says why."""


def score(*, model: RewardModel, prompts: Sequence[str], responses: Sequence[str]) -> list[float]:
    """Rewards of (prompt, response) texts by a registered model.

    Raises
    ------
    ScorerRefused
        If the request is wrong.
    ScorerUnavailable
        If no server answers at SCORER_URL.
    """
    name = str(model.folder.relative_to(settings.RUNS_DIR))
    body = json.dumps({"model": name, "prompts": list(prompts), "responses": list(responses)}).encode()
    headers = {"Content-Type": "application/json"}
    if token := os.environ.get("TOUCHSTONE_SCORER_TOKEN", "").strip():
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{settings.SCORER_URL}/score", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return list(json.load(answer)["rewards"])
    except urllib.error.HTTPError as error:
        if error.code >= 500 or error.code in (401, 403, 429):  # not what the request says is to blame
            raise ScorerUnavailable(f"The scoring server failed: {_message(error)}") from error
        raise ScorerRefused(_message(error)) from error
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise ScorerUnavailable(
            "The scoring server does not answer; `make demo` starts it, elsewhere run `python -m rewardtrain serve`."
        ) from error


def _message(error: urllib.error.HTTPError) -> str:
    """What the server says about its refusal, if it is the server that speaks."""
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"{error.code} {error.reason}"
