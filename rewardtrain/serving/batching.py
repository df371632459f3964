"""Requests that wait together are scored together: one queue and one thread a model.

While the thread computes, requests gather; then it takes from each a fair part until the round's tokens are used up,
and scores all of that in one go, each distinct text once, texts of like length together. So a request never waits for
more than a round of others' texts between two parts of its own, however many texts another one brings. Nothing waits
for a batch to fill. A request whose client went away is dropped before its next part.
Shapes: N texts of a request, A aspects.
"""

import asyncio
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from rewardtrain.errors import LabError
from rewardtrain.serving.encoding import WHOLE, ServedEncoder
from rewardtrain.serving.errors import Refused
from rewardtrain.serving.limits import Limits
from rewardtrain.serving.metrics import Metrics

_PAUSE_SECONDS = 2.0

Entry = tuple[str, str]  # prompt and response; or `WHOLE` and a text


@dataclass
class Scored:
    """What a model says of the texts of one request, in their order.

    Attributes
    ----------
    deviation_N : how far the members of an ensemble differ; None where the model is one.
    aspects : names of the reward's dimensions; empty where it has one.
    reference_R : rewards of a reference sample that lies beside the model.
    """

    reward_N: np.ndarray
    deviation_N: np.ndarray | None
    aspects: tuple[str, ...]
    aspect_NA: np.ndarray
    tokens_N: np.ndarray
    reference_R: np.ndarray | None = None


class Work:
    """One request in the queue."""

    def __init__(self, entries: Sequence[Entry], most: int) -> None:
        self.entries = entries
        self.costs = [min(most, (len(prompt) * (prompt is not WHOLE) + len(text)) // 4 + 4) for prompt, text in entries]
        self.begun = self.done = 0  # entries handed out, entries answered
        self.gone = False
        self.parts: list[Scored] = []
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Scored] = self.loop.create_future()

    def settle(self, outcome: Scored | BaseException) -> None:
        """Answer, from the thread; once, and only if someone still waits."""
        self.gone = True

        def tell() -> None:
            if not self.answer.done():
                if isinstance(outcome, BaseException):
                    self.answer.set_exception(outcome)
                else:
                    self.answer.set_result(outcome)

        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(tell)


class Batcher:
    """The queue of one model and the thread that works on it.

    Attributes
    ----------
    broken : why the model could not be loaded.
    """

    def __init__(self, name: str, load: Callable[[], tuple[Any, np.ndarray | None]], limits: Limits, metrics: Metrics):
        self.name, self._load, self._limits, self._metrics = name, load, limits, metrics
        self.broken: Refused | None = None
        self._broke = 0.0
        self._queue: deque[Work] = deque()
        self._texts = 0
        self._most = 512  # tokens that a text can have, until the model is loaded and known
        self._speed = 0.0  # texts a second of late
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"scorer {name}", daemon=True)
        self._thread.start()

    def submit(self, entries: Sequence[Entry]) -> Work:
        """Put ``entries`` into the queue; `answer` of what comes back has the result.

        Raises
        ------
        Refused
            If the queue is full or the model cannot be loaded.
        """
        work = Work(entries, self._most)
        with self._wake:
            if self.broken:
                raise Refused(self.broken.status, str(self.broken), retry_after=self.broken.retry_after)
            if self._closed:
                raise Refused(503, "The server is ending, or has just replaced this model.", retry_after=1)
            full = len(self._queue) >= self._limits.waiting or (
                self._queue and self._texts + len(entries) > self._limits.waiting_texts
            )
            if full:
                after = round(self._texts / self._speed) if self._speed else 1
                raise Refused(503, f"{len(self._queue)} requests wait already.", retry_after=min(max(1, after), 60))
            self._queue.append(work)
            self._count(len(entries))
            self._wake.notify()
        return work

    def close(self, *, wait: float = 0) -> None:
        """Take nothing more; what waits is still answered. Waits at most ``wait`` seconds for that."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if wait:
            self._thread.join(wait)

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""
        return not self._queue

    @property
    def worth_another_try(self) -> bool:
        """Whether loading failed for a reason that may have passed."""
        return self.broken is not None and self.broken.status >= 500 and time.monotonic() - self._broke > _PAUSE_SECONDS

    def _count(self, change: int) -> None:
        self._texts += change
        self._metrics.set("queue_texts", self._texts, model=self.name)

    def _run(self) -> None:
        try:
            scorer, reference_R = self._load()
        except Refused as error:
            return self._break(error)
        except LabError as error:
            return self._break(Refused(409, str(error)))
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return self._break(Refused(500, f"The model {self.name} cannot be loaded; the server's log says why."))
        scorer.encoder = encoder = ServedEncoder(scorer.encoder)
        self._most = encoder.max_length
        while (taken := self._taken()) is not None:
            start = time.perf_counter()
            self._scored(scorer, encoder, reference_R, taken)
            speed = sum(count for _, _, count in taken) / max(time.perf_counter() - start, 1e-6)
            self._speed = 0.8 * self._speed + 0.2 * speed if self._speed else speed

    def _break(self, error: Refused) -> None:
        self._metrics.add("errors_total", kind="load")
        with self._wake:
            self.broken, self._broke = error, time.monotonic()
            waiting, self._queue = self._queue, deque()
            self._count(-self._texts)
        for work in waiting:
            work.settle(error)

    def _taken(self) -> list[tuple[Work, int, int]] | None:
        """The next round as (request, first entry, how many); None when the queue is closed and empty."""
        with self._wake:
            while True:
                self._forget_the_gone()
                if self._queue:
                    return self._round()
                if self._closed:
                    return None
                self._wake.wait()

    def _forget_the_gone(self) -> None:
        if any(work.gone for work in self._queue):
            for work in self._queue:
                if work.gone:
                    left = len(work.entries) - work.begun
                    self._count(-left)
                    self._metrics.add("dropped_texts_total", left, model=self.name)
            self._queue = deque(work for work in self._queue if not work.gone)

    def _round(self) -> list[tuple[Work, int, int]]:
        room = self._limits.round_tokens if self._limits.batching else 1
        share = max(1, room // len(self._queue))
        taken: list[tuple[Work, int, int]] = []
        for turn in range(2):  # first to each its share, then what is left in the order of arrival
            for _ in range(len(self._queue)):
                if room <= 0:
                    break
                work = self._queue.popleft()
                first, spent = work.begun, 0
                for cost in islice(work.costs, first, None):
                    if (spent and spent + cost > (share if turn == 0 else room)) or (taken and cost > room - spent):
                        break
                    spent += cost
                    work.begun += 1
                    if not self._limits.batching:
                        break
                if work.begun > first:
                    taken.append((work, first, work.begun - first))
                room -= spent
                if work.begun < len(work.entries):
                    self._queue.append(work)
        self._count(-sum(count for *_, count in taken))
        return taken

    def _scored(
        self, scorer: Any, encoder: ServedEncoder, reference_R: Any, taken: list[tuple[Work, int, int]]
    ) -> None:
        entries = [entry for work, first, count in taken for entry in work.entries[first : first + count]]
        try:
            found = scorer.scores(
                [prompt for prompt, _ in entries],
                [response for _, response in entries],
                tokens_per_batch=self._limits.forward_tokens,
            )
        except Exception as error:
            if len(taken) > 1:  # one of them is to blame, and only that one
                for one in taken:
                    self._scored(scorer, encoder, reference_R, [one])
                return
            self._metrics.add("errors_total", kind="scoring")
            if isinstance(error, LabError):
                taken[0][0].settle(Refused(400, str(error)))
            else:
                traceback.print_exc(file=sys.stderr)
                taken[0][0].settle(Refused(500, "Scoring failed; the server's log says why."))
            return
        tokens_N = np.array([encoder.lengths.get(entry, 0) for entry in entries])
        self._metrics.observe("batch_texts", len(entries), model=self.name)
        self._metrics.observe("batch_tokens", float(tokens_N.sum()), model=self.name)
        self._metrics.add("scored_texts_total", len(entries), model=self.name)
        self._metrics.add("scored_tokens_total", float(tokens_N.sum()), model=self.name)
        at = 0
        for work, _, count in taken:
            here = slice(at, at + count)
            at += count
            deviation_N = None if found.deviation_N is None else found.deviation_N[here]
            aspect_NA = found.aspect_NA[here] if found.aspects else np.zeros((count, 0))
            work.parts.append(
                Scored(found.reward_N[here], deviation_N, tuple(found.aspects), aspect_NA, tokens_N[here], reference_R)
            )
            work.done += count
            if work.done == len(work.entries):
                work.settle(_whole(work.parts))


def _whole(parts: list[Scored]) -> Scored | Refused:
    """The parts of one request put together; refuses what is no number, which JSON could not hold."""
    whole = Scored(
        np.concatenate([part.reward_N for part in parts]),
        None if parts[0].deviation_N is None else np.concatenate([part.deviation_N for part in parts]),  # type: ignore[misc]
        parts[0].aspects,
        np.concatenate([part.aspect_NA for part in parts]),
        np.concatenate([part.tokens_N for part in parts]),
        parts[0].reference_R,
    )
    finite_N = np.isfinite(whole.reward_N) & np.isfinite(whole.aspect_NA).all(axis=1)
    if whole.deviation_N is not None:
        finite_N &= np.isfinite(whole.deviation_N)
    if not finite_N.all():
        where = np.flatnonzero(~finite_N)
        return Refused(422, f"The model gives no finite number for {len(where)} texts, number {where[0]} first.")
    return whole
