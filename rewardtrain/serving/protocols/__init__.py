"""Dialects: one file each, found by discovery; how a client asks for rewards, and how it is answered.

The contract that every module here fulfils (tests/rewardtrain/serving/protocols/test_contract.py holds it):

    TITLE : str                        whose dialect it is
    PATHS : tuple of str               where it is spoken, by POST
    EXAMPLE : dict                     a body without ``model``
    takes(body) -> bool                whether a body on one of the paths is meant for it; paths may be shared
    asked(body) -> reading.Asked       what is to be scored; `errors.Refused` says what is wrong
    answer(body, asked, scored, model) -> anything that JSON can hold; ``scored`` is a `batching.Scored`

The module's docstring names the public source of the shapes. Rewards are always raw, never squashed, unless a
client asks for it in so many words.
"""

from typing import TYPE_CHECKING, Any, Protocol, cast

from annotate import discovery

if TYPE_CHECKING:
    from rewardtrain.serving.batching import Scored
    from rewardtrain.serving.reading import Asked, Body


class Dialect(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    PATHS: tuple[str, ...]
    EXAMPLE: dict[str, Any]

    def takes(self, body: "Body") -> bool: ...

    def asked(self, body: "Body") -> "Asked": ...

    def answer(self, body: "Body", asked: "Asked", scored: "Scored", model: str) -> Any: ...


def names() -> tuple[str, ...]:
    """Identifiers of all dialects."""
    return discovery.names(__name__)


def get(name: str) -> Dialect:
    """The dialect called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Dialect, discovery.load(__name__, name))


def by_path() -> dict[str, list[Dialect]]:
    """Dialects by the paths on which they are spoken."""
    found: dict[str, list[Dialect]] = {}
    for name in names():
        for path in get(name).PATHS:
            found.setdefault(path, []).append(get(name))
    return found
