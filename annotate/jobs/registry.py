"""Which function does which job; an app's ``tasks.py`` declares its own with `job`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Cancelled(Exception):
    """Raised inside a job, by its progress reports, once somebody asked to cancel it."""


class Interrupted(Exception):
    """Raised inside a job, by its progress reports, when its worker is to end; the job goes back to the queue."""


class JobError(Exception):
    """A failure whose message is written for people: it says what is wrong and what to do."""


class Progress(Protocol):
    """How long work reports: called often, cheap, and raises `Cancelled` or `Interrupted` when it is to stop."""

    def __call__(self, done: int, total: int | None = None, message: str = "") -> None: ...


def silent(done: int, total: int | None = None, message: str = "") -> None:
    """A progress that reports to nobody."""


@dataclass(frozen=True)
class Handler:
    name: str
    run: Callable[..., Mapping[str, Any] | None]
    queue: str
    links: Callable[[Any], list[dict[str, Any]]]
    warning: Callable[[Any], str]


HANDLERS: dict[str, Handler] = {}


def job(
    name: str,
    *,
    queue: str = "default",
    links: Callable[[Any], list[dict[str, Any]]] = lambda job: [],
    warning: Callable[[Any], str] = lambda job: "",
) -> Callable[[Callable], Handler]:
    """Declare ``run(job, progress, **params) -> result`` as the handler of jobs called ``name``.

    A handler may be started again after a crash or an interruption: it must be idempotent or resume by itself.
    ``links`` says where a finished job leads to: dicts of title and url, with ``download`` where it is a file;
    ``warning`` what people should know of one that is done but did not do what it was for, else "".
    """

    def register(run: Callable[..., Mapping[str, Any] | None]) -> Handler:
        HANDLERS[name] = Handler(name, run, queue, links, warning)
        return HANDLERS[name]

    return register
