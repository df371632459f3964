"""Clients of language-model servers: one file a protocol, found by discovery; messages in, texts and their cost out.

The contract that every module here fulfils (tests/curation/clients/test_contract.py holds it):

    TITLE, SUMMARY : str
    LOGPROBS : bool                    whether such servers can say how likely the first tokens were
    complete(endpoint, request) -> Completion

One call is one request to the server, without retries of its own: repeating, caching, limits and budgets are the
caller's (`curation.judging.caller`), the same for all protocols. Pure: knows no Django.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from annotate import discovery
from curation.pairs import content_hash


@dataclass(frozen=True)
class Endpoint:
    """One model on one server, as the operator's file names it.

    Attributes
    ----------
    name : what judges call it.
    client : module of this folder that speaks its protocol.
    url, model : where it is and what it is called there.
    api_key : secret, never stored or logged; "" where the server wants none.
    family : of models, e.g. "llama", for self-preference; "" when unknown.
    price_in, price_out : money a million tokens.
    concurrency : requests under way at once.
    requests_per_minute : 0: no limit.
    timeout : seconds that one request may take.
    options : what else goes into every request body.
    """

    name: str
    client: str
    url: str
    model: str
    api_key: str = field(default="", repr=False)
    family: str = ""
    price_in: float = 0.0
    price_out: float = 0.0
    concurrency: int = 4
    requests_per_minute: float = 0.0
    timeout: float = 60.0
    options: Mapping[str, Any] = field(default_factory=dict)

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Money that so many tokens cost."""
        return (input_tokens * self.price_in + output_tokens * self.price_out) / 1e6


@dataclass(frozen=True)
class Request:
    """What is asked of a model.

    ``messages``: dicts of role and content, the latter text or a list of parts (text, image_url with a data: URL).
    ``schema``: JSON Schema that the answer must fit, or None for free text. ``logprobs``: how many of the likeliest
    first tokens are wanted, 0 for none.
    """

    messages: tuple[Mapping[str, Any], ...]
    schema: Mapping[str, Any] | None = None
    n: int = 1
    temperature: float = 0.0
    max_tokens: int = 512
    logprobs: int = 0
    seed: int | None = None

    def hash(self, endpoint: Endpoint) -> str:
        """SHA-256 (hex) of everything that the answer depends on: the request, the model, the options."""
        asked = {name: getattr(self, name) for name in self.__dataclass_fields__}
        asked["messages"] = [dict(message) for message in self.messages]
        return content_hash([endpoint.url, endpoint.model, dict(endpoint.options), asked])


@dataclass(frozen=True)
class Completion:
    """What a server answered.

    ``first_tokens``: for each text the probability of the likeliest first tokens, None where the server gave none.
    """

    texts: tuple[str, ...]
    input_tokens: int
    output_tokens: int
    first_tokens: tuple[Mapping[str, float] | None, ...] = ()
    seconds: float = 0.0
    model: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


class ServerError(RuntimeError):
    """A request that brought no answer.

    ``retry``: whether the same request may succeed later; ``after``: seconds to wait first, where the server said so;
    ``billed``: whether the server may have charged for it all the same.
    """

    def __init__(self, message: str, *, retry: bool, after: float | None = None, billed: bool = False) -> None:
        super().__init__(message)
        self.retry, self.after, self.billed = retry, after, billed


class Client(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    LOGPROBS: bool

    def complete(self, endpoint: Endpoint, request: Request) -> Completion: ...


def names() -> tuple[str, ...]:
    """Identifiers of all clients."""
    return discovery.names(__name__)


def get(name: str) -> Client:
    """The client called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Client, discovery.load(__name__, name))
