"""What a server takes on, so that neither one client nor all of them together can drown it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Bounds of a server.

    Attributes
    ----------
    body : bytes of a request.
    texts : texts of a request.
    characters : characters of a text; what is over the model's length is cut, but must be tokenised first.
    waiting : requests of a model that may wait; the next is answered with 503.
    waiting_texts : their texts, all together.
    round_tokens : tokens that are scored before waiting requests get their turn; it bounds how long a short one waits.
    forward_tokens : padded tokens of one forward; few on a processor, whose caches are small.
    seconds : until a request is given up.
    models : how many are kept in memory.
    batching : whether requests are scored together at all; without, one text at a time (for measurements).
    """

    body: int = 16 << 20
    texts: int = 8192
    characters: int = 1 << 20
    waiting: int = 512
    waiting_texts: int = 32_768
    round_tokens: int = 4096
    forward_tokens: int = 1024
    seconds: float = 120.0
    models: int = 2
    batching: bool = True


def limits_on(device: str, **given: Any) -> Limits:
    """Bounds that suit "cpu" or "cuda": a card is idle with the few tokens that fill a processor's caches."""
    return Limits(**({"round_tokens": 65_536, "forward_tokens": 16_384} if device == "cuda" else {}) | given)
