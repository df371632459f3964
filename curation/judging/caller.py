"""The one way to call a model: cached, limited, tried again, and paid for within the run's budget.

Threads may share a caller. What touches the database goes through its relay (`curation.judging.relay`) to the thread
that serves it; servers are waited for in the thread that asks.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from curation import clients
from curation.clients import Completion, Endpoint, Request, ServerError
from curation.judging import ledger, limits
from curation.judging.limits import Breaker, Stopped
from curation.judging.relay import Relay
from curation.models import JudgeCall, JudgeRun

WAIT_SECONDS = 0.2  # between looks at what somebody else is doing


class ServerGone(Exception):
    """So many requests in a row were given up that no more are sent."""


def samples_of(endpoint: Endpoint, request: Request) -> list[Request]:
    """A request as its server takes it: for several samples, as many requests where it gives one at a time."""
    if request.n == 1 or clients.takes(endpoint, "n"):
        return [request]
    seeds = [None if request.seed is None else request.seed + index for index in range(request.n)]
    return [replace(request, n=1, seed=seed, sample=index) for index, seed in enumerate(seeds)]


def together(parts: list[Completion]) -> Completion:
    """Several answers of one sample each as one."""
    if len(parts) == 1:
        return parts[0]
    return Completion(
        texts=tuple(text for part in parts for text in part.texts),
        input_tokens=sum(part.input_tokens for part in parts),
        output_tokens=sum(part.output_tokens for part in parts),
        first_tokens=tuple(tokens for part in parts for tokens in part.first_tokens or (None,) * len(part.texts)),
        seconds=sum(part.seconds for part in parts),
        model=parts[0].model,
    )


class Caller:
    """Calls models for one run.

    Parameters
    ----------
    run : whose budget is spent; with its judge at hand.
    find : endpoint by name.
    relay : to the thread that may use the database.
    patience : seconds altogether that are waited between the tries of one request.
    """

    def __init__(
        self,
        run: JudgeRun,
        find: Callable[[str], Endpoint],
        relay: Relay,
        *,
        patience: float = limits.MOST_PAUSE,
    ) -> None:
        self._run, self._find, self._relay, self._patience = run, find, relay, patience
        self._endpoints: dict[str, Endpoint] = {}
        self._breakers: dict[str, Breaker] = {}
        self._under_way = 0
        self.stop = threading.Event()
        self.cached = self.sent = 0

    def ask(self, request: Request, endpoint: str = "") -> tuple[Completion, str]:
        """An answer and the hash of the request, for `curation.judges.Tools`.

        Raises
        ------
        ServerError
            If this request brought no answer, whatever was tried.
        ledger.BudgetSpent, ServerGone, limits.Stopped
            If the run is to end.
        """
        where = self.endpoint(endpoint or self._run.judge.endpoint)
        parts = [self._one(where, part) for part in samples_of(where, request)]
        return together(parts), request.hash(where)

    def endpoint(self, name: str) -> Endpoint:
        """An endpoint by name, looked up once."""
        if name not in self._endpoints:
            self._endpoints[name] = self._relay.call(partial(self._find, name))
            self._breakers[name] = Breaker()
        return self._endpoints[name]

    def _one(self, endpoint: Endpoint, request: Request) -> Completion:
        name = request.hash(endpoint)
        found = self._relay.call(partial(ledger.known, self._run.judge.organisation_id, name))
        if found is not None:
            self.cached += 1
            return found
        tries = charged = 0
        waited = 0.0
        while True:
            try:
                found = self._try(endpoint, request, name)
            except ServerError as error:
                tries, charged = tries + 1, charged + error.billed
                pause = limits.pause(tries, error.after)
                waited += pause
                if not error.retry or charged >= limits.BILLED_TRIES or waited > self._patience:
                    self._gave_up(endpoint, error)
                    raise
                if error.after is not None:
                    limits.gate(endpoint).pause(pause)
                if self.stop.wait(pause):
                    raise Stopped from error
                continue
            self._breakers[endpoint.name].answered()
            return found

    def _try(self, endpoint: Endpoint, request: Request, name: str) -> Completion:
        """Reserve, send, settle; waits where somebody else is asking the same, or holds what is left of the budget."""
        while True:
            gate = limits.gate(endpoint)
            with gate.turn(self.stop):
                taken = self._relay.call(partial(self._reserve, endpoint, request, name))
                if isinstance(taken, JudgeCall):
                    return self._send(endpoint, request, taken)
                gate.unused()
            if isinstance(taken, Completion):
                self.cached += 1
                return taken
            if self.stop.wait(WAIT_SECONDS):
                raise Stopped

    def _send(self, endpoint: Endpoint, request: Request, call: JudgeCall) -> Completion:
        try:
            answer = clients.get(endpoint.client).complete(endpoint, request)
        except ServerError as error:
            self._relay.call(partial(self._settle, ledger.fail, call, error))
            raise
        except Exception as error:
            broken = ServerError(f"{type(error).__name__}: {error}", retry=False, billed=True)
            self._relay.call(partial(self._settle, ledger.fail, call, broken))
            raise
        return self._relay.call(partial(self._settle, ledger.settle, call, endpoint, answer))

    # ---- in the thread that serves the relay ----

    def _reserve(self, endpoint: Endpoint, request: Request, name: str) -> JudgeCall | Completion | ledger.Busy:
        try:
            taken = ledger.reserve(self._run, endpoint, request, name)
        except ledger.BudgetSpent:
            if not self._under_way:
                raise
            return ledger.Busy()  # what is under way will cost less than is reserved for it
        if isinstance(taken, JudgeCall):
            self._under_way += 1
            self.sent += 1
        return taken

    def _settle(self, settle: Callable, call: JudgeCall, *given: object) -> Completion:
        self._under_way -= 1
        return settle(call, *given)

    def _gave_up(self, endpoint: Endpoint, error: ServerError) -> None:
        if self._breakers[endpoint.name].gave_up():
            raise ServerGone(f"One request after another brought no answer; the last: {error}") from error
