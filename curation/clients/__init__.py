"""Clients of language-model servers: one file a protocol, found by discovery; messages in, texts and their cost out.

The contract that every module here fulfils (tests/curation/clients/test_contract.py holds it):

    TITLE, SUMMARY : str
    TAKES : frozenset[str]             of `OPTIONAL`: what requests of this protocol can ask for
    complete(endpoint, request) -> Completion

and, where the protocol has batches, which take hours and cost less (`batches`):

    submit_batch(endpoint, requests) -> str      requests by name; the batch's id
    poll_batch(endpoint, batch, requests) -> Mapping[str, Completion | ServerError] | None     None: not ready yet

One call is one request to the server, without retries of its own: repeating, caching, limits and budgets are the
caller's (`curation.judging.caller`), the same for all protocols. What a server does not take (`takes`) is not sent:
it answers without a schema or probabilities; several samples are then several requests, which the caller makes. A text
that was refused, filtered or cut off is an answer like any other: who asked sees that it does not parse. Pure: knows
no Django.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from annotate import discovery
from curation.pairs import canonical_json, content_hash

# What not every server takes: fields of a request, and OpenAI's newer name for the most tokens of an answer.
OPTIONAL = frozenset({"schema", "n", "seed", "temperature", "logprobs", "max_completion_tokens"})
TEMPLATE = 512  # input tokens that a server may add to a request: its chat template, its words on the schema
TEMPLATE_MESSAGE = 16  # and to each message


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
    batch_price : share of the price that requests in batches cost.
    picture_tokens : the most input tokens that one picture counts.
    concurrency : requests under way at once.
    requests_per_minute : 0: no limit.
    timeout : seconds that one request may take.
    without : of `OPTIONAL`: what this server does not take.
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
    batch_price: float = 1.0
    picture_tokens: int = 4096
    concurrency: int = 4
    requests_per_minute: float = 0.0
    timeout: float = 60.0
    without: frozenset[str] = frozenset()
    options: Mapping[str, Any] = field(default_factory=dict)

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Money that so many tokens cost."""
        return (input_tokens * self.price_in + output_tokens * self.price_out) / 1e6


@dataclass(frozen=True)
class Request:
    """What is asked of a model.

    ``messages``: dicts of role and content, the latter text or a list of parts (text, image_url with a data: URL).
    ``schema``: JSON Schema that the answer must fit, or None for free text. ``logprobs``: how many of the likeliest
    first tokens are wanted, 0 for none. ``sample``: which of several equal requests this is, where each is to have an
    answer of its own; it is not sent.
    """

    messages: tuple[Mapping[str, Any], ...]
    schema: Mapping[str, Any] | None = None
    n: int = 1
    temperature: float = 0.0
    max_tokens: int = 512
    logprobs: int = 0
    seed: int | None = None
    sample: int = 0

    def hash(self, endpoint: Endpoint) -> str:
        """SHA-256 (hex) of everything that the answer depends on: the request, the model, the options."""
        asked = {name: getattr(self, name) for name in self.__dataclass_fields__}
        asked["messages"] = [dict(message) for message in self.messages]
        return content_hash([endpoint.url, endpoint.model, sorted(endpoint.without), dict(endpoint.options), asked])

    def most_tokens(self, endpoint: Endpoint) -> tuple[int, int]:
        """The most input and output tokens that it can cost.

        A token of a text stands for at least one of its UTF-8 bytes, so the bytes of texts and schema bound them from
        above; to them come what the server adds, and what the endpoint says of pictures.
        """
        size, pictures = len(canonical_json(self.schema).encode()) if self.schema else 0, 0
        for message in self.messages:
            content = message.get("content") or ""
            parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
            pictures += sum(part.get("type") != "text" for part in parts)
            size += sum(len(str(part.get("text", "")).encode("utf-8", "surrogatepass")) for part in parts)
        template = TEMPLATE + TEMPLATE_MESSAGE * len(self.messages)
        return size + template + pictures * endpoint.picture_tokens, self.n * self.max_tokens


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
    TAKES: frozenset[str]

    def complete(self, endpoint: Endpoint, request: Request) -> Completion: ...


def names() -> tuple[str, ...]:
    """Identifiers of all clients."""
    return discovery.names(__name__)


def get(name: str) -> Client:
    """The client called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Client, discovery.load(__name__, name))


def takes(endpoint: Endpoint, what: str) -> bool:
    """Whether requests to a server can ask for one of `OPTIONAL`."""
    return what in get(endpoint.client).TAKES and what not in endpoint.without


class Batches(Protocol):
    """The optional part of the contract."""

    def submit_batch(self, endpoint: Endpoint, requests: Mapping[str, Request]) -> str: ...
    def poll_batch(
        self, endpoint: Endpoint, batch: str, requests: Mapping[str, Request]
    ) -> Mapping[str, Completion | ServerError] | None: ...


def batches(endpoint: Endpoint) -> Batches | None:
    """The batches of the protocol that a server speaks; None where it has none."""
    client = get(endpoint.client)
    return cast(Batches, client) if hasattr(client, "submit_batch") else None
