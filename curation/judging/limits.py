"""How hard a server may be pressed: requests at once, requests a minute, pauses between tries. Knows no Django."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from curation.clients import Endpoint

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between tries
MOST_PAUSE = 300.0  # and altogether, until a request is given up
BILLED_TRIES = 2  # of a request whose failures may be charged


class Stopped(Exception):
    """The run is to end, so no further request is sent."""


class Gate:
    """Lets so many requests through at once, and so many a minute; shut while the server asks for a pause."""

    def __init__(self, concurrency: int, per_minute: float) -> None:
        self._places = threading.BoundedSemaphore(concurrency)
        self._interval = 60.0 / per_minute if per_minute else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    @contextmanager
    def turn(self, stop: threading.Event) -> Iterator[None]:
        """Wait for one's turn; raises `Stopped` if ``stop`` is set before it comes."""
        while not self._places.acquire(timeout=0.2):
            if stop.is_set():
                raise Stopped
        try:
            with self._lock:
                mine = max(self._next, time.monotonic())
                self._next = mine + self._interval
            if stop.wait(max(0.0, mine - time.monotonic())):
                raise Stopped
            yield
        finally:
            self._places.release()

    def unused(self) -> None:
        """A turn was not taken after all, so the next one comes earlier."""
        with self._lock:
            self._next -= self._interval

    def pause(self, seconds: float) -> None:
        """Nobody goes through for so long."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + min(seconds, MOST_PAUSE))


_gates: dict[tuple[str, str, int, float], Gate] = {}
_gates_lock = threading.Lock()


def gate(endpoint: Endpoint) -> Gate:
    """The gate of an endpoint, the same one for all runs of this process."""
    key = endpoint.url, endpoint.model, endpoint.concurrency, endpoint.requests_per_minute
    with _gates_lock:
        return _gates.setdefault(key, Gate(endpoint.concurrency, endpoint.requests_per_minute))


def pause(tries: int, after: float | None) -> float:
    """Seconds before the next try: what the server asks for, else doubling from try to try, with jitter."""
    if after is not None:
        return after * (1 + 0.1 * random.random())
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1)) * (0.5 + random.random() / 2)


class Breaker:
    """Opens once so many requests in a row were given up, with no answer between them: the server is gone."""

    def __init__(self, most: int = 5) -> None:
        self._most, self._failed, self._lock = most, 0, threading.Lock()

    def answered(self) -> None:
        with self._lock:
            self._failed = 0

    def gave_up(self) -> bool:
        """Count a request that was given up; whether the server counts as gone."""
        with self._lock:
            self._failed += 1
            return self._failed >= self._most
