"""Work for the main thread, asked for by others: what touches the database is done in one thread, one after another.

SQLite has one writer, and a test's transaction exists in one connection only; so threads that wait for servers leave
the database to the thread that started them. Knows no Django.
"""

import queue
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Relay:
    """``call`` from any thread runs in the thread that calls ``serve``."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()

    def call(self, do: Callable[[], T]) -> T:
        """The result of ``do``, done by the serving thread; raises what it raises."""
        future: Future[T] = Future()
        self._asked.put((future, do))
        return future.result()

    def wake(self) -> None:
        """Let a thread that serves look around."""
        self._asked.put((Future(), lambda: None))

    def serve(self, seconds: float) -> None:
        """Do what is asked for; returns when nothing is left, after waiting ``seconds`` at most for the first."""
        try:
            future, do = self._asked.get(timeout=seconds)
            while True:
                try:
                    future.set_result(do())
                except BaseException as error:
                    future.set_exception(error)
                    if not isinstance(error, Exception):
                        raise
                future, do = self._asked.get_nowait()
        except queue.Empty:
            return
