"""A run at work: cases in, judgements out, in threads as many as the server takes; it ends cleanly, whatever happens.

    with Session(run, tick) as session:
        for case, found in session.judged(cases):
            ...                                    # keep it; nothing of it is asked for again
    session.end, session.reason                    # "finished", or what stopped it

The thread that iterates is the one that uses the database: it builds cases and keeps results, and does in between what
the others ask of it. `curation.judging.services` keeps results as annotations; a campaign does as it likes.
"""

from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TypeVar, cast

from annotate.discovery import UnknownPlugin
from annotate.jobs.registry import Cancelled, Interrupted
from curation import judges, ports
from curation.clients import Completion, Request, ServerError
from curation.judges import Case, JudgeError, Judgement, Tools
from curation.judging import endpoints, ledger, selectors
from curation.judging.batching import BatchCaller
from curation.judging.caller import Caller, ServerGone
from curation.judging.endpoints import ServersError, UnknownEndpoint, servers
from curation.judging.limits import Stopped
from curation.judging.prefetch import prefetched
from curation.judging.relay import Relay
from curation.models import BILLION, JudgeRun

WITHOUT_SERVER = 2  # threads of a judge that asks no server
MOST_THREADS = 64
BATCHED = 5000  # cases whose requests go together
AT_ONCE = 1000  # cases that a local model is asked about at once
Key = Hashable
End = JudgeRun.End
T = TypeVar("T")


@dataclass
class Judged:
    """What a judge made of a case, and what that cost, whether it was paid now or before.

    ``judgement`` is None where a server gave nothing, and ``reason`` says why.
    """

    judgement: Judgement | None = None
    reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    models: list[str] = field(default_factory=list)

    def count(self, completion: Completion, cost: float) -> None:
        """Add what one request cost."""
        self.input_tokens += completion.input_tokens
        self.output_tokens += completion.output_tokens
        self.cost += cost
        self.seconds += completion.seconds
        if completion.model and completion.model not in self.models:
            self.models.append(completion.model)


Result = tuple[Key, Case, Judged]


class Session:
    """See the module. ``end`` and ``reason`` tell afterwards why it ended.

    ``tick`` is called several times a second with a few words on what happens; it raises where the run is to stop.
    ``prompt_of`` gives the instruction for a case where it is not the judge's own.
    """

    def __init__(
        self,
        run: JudgeRun,
        tick: Callable[[str], None] = lambda message: None,
        *,
        prompt_of: Callable[[Case], str] | None = None,
        **patience: float,
    ) -> None:
        self.run, self.judge, self._tick = run, run.judge, tick
        self._prompt_of = prompt_of or (lambda case: self.judge.prompt)
        self._method = judges.get(self.judge.method)
        self._relay = Relay()
        find = partial(endpoints.find, self.judge.organisation)
        self.caller = BatchCaller(run, find) if run.in_batches else Caller(run, find, self._relay, **patience)
        self.end, self.reason = End.FINISHED, ""
        self._results: Generator[Result, None, None] | None = None
        models = ports.models_of(self.judge.organisation_id)
        self.tools = Tools(
            settings=judges.settings_with_defaults(self.judge.method, self.judge.settings),
            prompt=self.judge.prompt,
            score=models.score,
            likelihood=models.likelihood,
            seed=run.seed,
        )

    def __enter__(self) -> "Session":
        ledger.recover(self.run)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Cancelled | Interrupted):
            self._ended(End.CANCELLED, "Cancelled." if isinstance(error, Cancelled) else "Its worker was stopped.")
        elif error is not None:
            self._ended(End.ERROR, f"{type(error).__name__}: {error}")
        if self._results is not None:
            self._results.close()

    def judged(self, cases: Iterable[tuple[Key, Case]]) -> Iterator[Result]:
        """Each case with what the judge makes of it, in the order in which they are done; fewer where the run ended."""
        needs = self._method.NEEDS
        if "ask" not in needs:
            self._results = self._local(cases) if needs else self._in_threads(cases)
        else:
            self._results = self._in_batches(cases) if self.run.in_batches else self._in_threads(cases)
        return self._results

    def _local(self, cases: Iterable[tuple[Key, Case]]) -> Generator[Result, None, None]:
        """Local models are asked about many cases at once."""
        rest = iter(cases)
        while self.end == End.FINISHED and (some := list(islice(rest, AT_ONCE))):
            self._tick("asking the model")
            tools = self._made(partial(prefetched, self._method, [case for _, case in some], self.tools))
            for key, case in some if tools else ():
                if (found := self._made(partial(self._judged, case, tools))) is not None:
                    yield key, case, found

    def _in_threads(self, cases: Iterable[tuple[Key, Case]]) -> Generator[Result, None, None]:
        waiting: dict[Future[Judged], tuple[Key, Case]] = {}
        rest, workers = iter(cases), self._workers()
        pool = ThreadPoolExecutor(workers, thread_name_prefix=f"judge-run-{self.run.pk}")
        try:
            while True:
                if self.end == End.FINISHED:
                    for key, case in islice(rest, 2 * workers - len(waiting)):
                        future = pool.submit(self._judged, case)
                        waiting[future] = key, case
                        future.add_done_callback(lambda _: self._relay.wake())
                if not waiting:
                    return
                self._relay.serve(0.2)
                self._tick("")
                for future in [future for future in waiting if future.done()]:
                    key, case = waiting.pop(future)
                    if (found := self._made(future.result)) is not None:
                        yield key, case, found
        finally:
            self.caller.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(future.done() for future in waiting):  # what was sent is paid for, so it is waited for
                self._relay.serve(0.1)

    def _in_batches(self, cases: Iterable[tuple[Key, Case]]) -> Generator[Result, None, None]:
        """Judges are asked again and again, each time with more answers, until none of them waits for a batch."""
        caller, rest = cast(BatchCaller, self.caller), iter(cases)
        while self.end == End.FINISHED and (open_ := dict(islice(rest, BATCHED))):
            while open_:
                for key, case in list(open_.items()):
                    found = self._made(partial(self._judged, case))
                    if not caller.waits():
                        del open_[key]
                        if found is not None:
                            yield key, case, found
                self._tick("")
                if open_:
                    self._made(partial(caller.run_batches, self._tick))

    def _judged(self, case: Case, tools: Tools | None = None) -> Judged:
        if self.end != End.FINISHED or self.caller.stop.is_set():
            raise Stopped
        found = Judged()

        def ask(request: Request, endpoint: str = "") -> tuple[Completion, str]:
            completion, call = self.caller.ask(request, endpoint)
            where = self.caller.endpoint(endpoint or self.judge.endpoint)
            used = completion.input_tokens, completion.output_tokens
            found.count(completion, ledger.billionths(where, *used, in_batch=self.run.in_batches) / BILLION)
            return completion, call

        try:
            found.judgement = self._method.judge(
                case, tools or replace(self.tools, ask=ask, prompt=self._prompt_of(case))
            )
        except ServerError as error:
            found.reason = str(error)
        return found

    def _made(self, result: Callable[[], T]) -> T | None:
        """What was made of a case; None where the run is to end instead, which is noted."""
        try:
            return result()
        except Stopped:
            pass
        except ledger.BudgetSpent:
            self._ended(End.BUDGET, "What the next request could cost does not fit into what is left of the budget.")
        except ServerGone as error:
            self._ended(End.SERVER, str(error))
        except (JudgeError, UnknownPlugin, UnknownEndpoint, ServersError, ports.PortNotRegistered) as error:
            self._ended(End.SET_UP, str(error))
        return None

    def _ended(self, end: End, reason: str) -> None:
        """No further case is begun. With the budget spent, those begun go on while what they ask still fits."""
        if self.end == End.FINISHED:
            self.end, self.reason = end, reason.translate(ledger.NO_TEXT)[:500]
        if end != End.BUDGET:
            self.caller.stop.set()

    def _workers(self) -> int:
        """As many threads as the judge's servers take together."""
        if "ask" not in self._method.NEEDS:
            return WITHOUT_SERVER
        mine = servers().of(self.judge.organisation)
        return min(
            MOST_THREADS,
            sum(mine[name].concurrency for name in selectors.endpoints_of(self.judge) if name in mine) or 1,
        )
