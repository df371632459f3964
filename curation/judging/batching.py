"""Calling models in batches, which take hours and cost less: what judges ask is collected first, and sent together.

A judge is a function of its case and of what models answered, so it can simply be asked again: what is not answered yet
is noted, and answered with nothing for now; once the batch is back the same request finds its answer in the cache. A
batch's id is kept with its requests, so a run that was killed waits for the same batch again.
"""

import threading
import time
from collections.abc import Callable

from curation import clients
from curation.clients import Completion, Endpoint, Request, ServerError
from curation.judging import ledger, limits
from curation.judging.caller import ServerGone, samples_of, together
from curation.models import JudgeCall, JudgeRun

POLL_SECONDS = 30.0
MOST_REQUESTS = 10_000  # in one batch; the providers' limits are 50,000 and 100,000
TRIES = 3  # of a request, of sending a batch, and of asking after it
Batch = tuple[str, str]  # endpoint's name, the provider's id


class BatchCaller:
    """As `curation.judging.caller.Caller`, in one thread; ``waits`` says of each judge whether it got all it asked."""

    def __init__(self, run: JudgeRun, find: Callable[[str], Endpoint]) -> None:
        self._run, self._find = run, find
        self._endpoints: dict[str, Endpoint] = {}
        self._wanted: dict[str, tuple[Endpoint, Request]] = {}
        self._under_way: dict[Batch, dict[str, Request]] = {}
        self._tries: dict[str, int] = {}
        self._failed: dict[str, ServerError] = {}
        self._waits = False
        self.stop = threading.Event()
        self.cached = self.sent = 0

    def waits(self) -> bool:
        """Whether something asked since the last time is not answered yet."""
        waits, self._waits = self._waits, False
        return waits

    def ask(self, request: Request, endpoint: str = "") -> tuple[Completion, str]:
        """An answer with its hash; one without texts where it is not there yet."""
        where = self.endpoint(endpoint or self._run.judge.endpoint)
        parts = [self._known(where, part) for part in samples_of(where, request)]
        answers = [part for part in parts if part is not None]
        if len(answers) < len(parts):
            self._waits = True
            return Completion((), 0, 0), request.hash(where)
        return together(answers), request.hash(where)

    def run_batches(self, tick: Callable[[str], None]) -> None:
        """Send what is wanted, and wait for all that is under way.

        Raises
        ------
        ledger.BudgetSpent
            If nothing more can be sent and nothing is under way.
        ServerGone
            If batches cannot be sent or asked after.
        """
        spent, elsewhere = self._send_wanted()
        if not self._under_way:
            if spent:
                raise ledger.BudgetSpent
            if elsewhere:  # another run asks the same at this moment
                self._sleep(limits.FIRST_PAUSE, tick, "waiting for another run")
            return
        failures = 0
        while self._under_way:
            for batch in list(self._under_way):
                try:
                    self._poll(batch)
                    failures = 0
                except ServerError as error:
                    failures += 1
                    if failures >= TRIES:
                        raise ServerGone(f"The batch {batch[1]} cannot be asked after: {error}") from error
            if self._under_way:
                requests = sum(map(len, self._under_way.values()))
                self._sleep(POLL_SECONDS, tick, f"waiting for {requests:,} requests in batches")

    def endpoint(self, name: str) -> Endpoint:
        """An endpoint by name, looked up once."""
        if name not in self._endpoints:
            self._endpoints[name] = self._find(name)
        return self._endpoints[name]

    def _known(self, endpoint: Endpoint, request: Request) -> Completion | None:
        name = request.hash(endpoint)
        if name in self._failed:
            raise self._failed[name]
        found = ledger.known(self._run.judge.organisation_id, name)
        if found is None:
            self._wanted[name] = endpoint, request
        elif name not in self._tries:
            self.cached += 1
        return found

    def _send_wanted(self) -> tuple[bool, bool]:
        """Whether the budget held something back, and whether another run did."""
        spent = elsewhere = False
        groups: dict[str, list[tuple[JudgeCall, str, Request]]] = {}
        for name, (endpoint, request) in self._wanted.items():
            try:
                taken = ledger.reserve(self._run, endpoint, request, name, in_batch=True)
            except ledger.BudgetSpent:
                spent = True
                continue
            if isinstance(taken, JudgeCall):
                groups.setdefault(endpoint.name, []).append((taken, name, request))
            elif isinstance(taken, ledger.Busy) and taken.batch:  # sent before this run was stopped
                self._under_way.setdefault((endpoint.name, taken.batch), {})[name] = request
            elif isinstance(taken, ledger.Busy):
                elsewhere = True
        self._wanted = {}
        for name, rows in groups.items():
            for start in range(0, len(rows), MOST_REQUESTS):
                self._send(self._endpoints_by_own_name(name), rows[start : start + MOST_REQUESTS])
        return spent, elsewhere

    def _endpoints_by_own_name(self, name: str) -> Endpoint:
        return next(endpoint for endpoint in self._endpoints.values() if endpoint.name == name)

    def _send(self, endpoint: Endpoint, rows: list[tuple[JudgeCall, str, Request]]) -> None:
        batches = clients.batches(endpoint)
        if batches is None:
            raise ServerGone(f"{endpoint.name} takes no batches; start the run without them.")
        requests = {name: request for _, name, request in rows}
        for tries in range(1, TRIES + 1):
            try:
                batch = batches.submit_batch(endpoint, requests)
                break
            except ServerError as error:
                if not error.retry or error.billed or tries == TRIES:
                    for call, _, _ in rows:
                        ledger.fail(call, error)
                    raise ServerGone(f"The batch could not be sent: {error}") from error
                time.sleep(limits.pause(tries, error.after))
        JudgeCall.objects.filter(pk__in=[call.pk for call, _, _ in rows]).update(batch=batch)
        self._under_way[endpoint.name, batch] = requests
        self.sent += len(rows)

    def _poll(self, batch: Batch) -> None:
        endpoint, requests = self._endpoints_by_own_name(batch[0]), self._under_way[batch]
        batches = clients.batches(endpoint)
        found = batches.poll_batch(endpoint, batch[1], requests) if batches else None
        if found is None:
            return
        del self._under_way[batch]
        for call in self._run.calls.filter(batch=batch[1], state=JudgeCall.State.RESERVED):
            answer = found.get(call.request_hash)
            self._tries[call.request_hash] = tries = self._tries.get(call.request_hash, 0) + 1
            if isinstance(answer, Completion):
                ledger.settle(call, endpoint, answer)
            elif answer is not None:
                ledger.fail(call, answer)
                if not answer.retry or tries >= TRIES:
                    self._failed[call.request_hash] = answer

    def _sleep(self, seconds: float, tick: Callable[[str], None], message: str) -> None:
        until = time.monotonic() + seconds
        while True:
            tick(message)
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.5))
