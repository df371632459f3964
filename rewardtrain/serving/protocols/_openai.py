"""What the dialects in the manner of OpenAI share: the envelope of a list, and the count of tokens."""

import time
import uuid
from typing import Any

from rewardtrain.serving.batching import Scored


def envelope(prefix: str, data: list[dict[str, Any]], scored: Scored, model: str) -> dict[str, Any]:
    """A list with its id, model and usage."""
    tokens = int(scored.tokens_N.sum())
    usage = {"prompt_tokens": tokens, "total_tokens": tokens, "completion_tokens": 0, "prompt_tokens_details": None}
    head = {"id": f"{prefix}-{uuid.uuid4().hex}", "object": "list", "created": int(time.time()), "model": model}
    return {**head, "data": data, "usage": usage}
