"""Requests of a campaign to model servers: cached, limited, and paid for from one purse that is never overdrawn.

The purse is a run of a judge that stands for the campaign, so that all money that models cost is in one ledger.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from curation.campaign import BudgetSpent, CampaignError
from curation.clients import Completion, Request
from curation.judging import endpoints, ledger
from curation.judging.caller import Caller, ServerGone
from curation.judging.endpoints import ServersError, UnknownEndpoint
from curation.judging.relay import Relay
from curation.judging.services import create_judge
from curation.models import BILLION, Campaign, JudgeRun

Tick = Callable[[], None]


def endpoints_of(plan: Any) -> list[str]:
    """Names of the model servers that a plan's plug-ins ask."""
    named = [spec.get("endpoint", "") for spec in plan.settings("labelling").get("judges", ())]
    named.append(plan.settings("attributes").get("endpoint", ""))
    return [name for name in dict.fromkeys(named) if name]


def open_purse(*, campaign: Campaign, plan: Any) -> JudgeRun | None:
    """The purse of a campaign that asks model servers, with the budget of its plan; None where it asks none.

    Raises
    ------
    django.core.exceptions.ValidationError
        If a server that the plan names is not there for this organisation.
    """
    names = endpoints_of(plan)
    if not names:
        return None
    judge = create_judge(
        organisation=campaign.project.organisation,
        name=f"Campaign {campaign.name}"[:80],
        method="pairwise",
        endpoint=names[0],
        note="Pays for the requests of a campaign.",
        user=campaign.created_by,
    )
    return JudgeRun.objects.create(
        judge=judge,
        project=campaign.project,
        budget_billionths=round(plan["budget"]["money"] * BILLION),
        seed=plan["seed"],
        created_by=campaign.created_by,
    )


@dataclass(frozen=True)
class Till:
    """What a campaign asks model servers through; ``tick`` is called often and may raise, to stop everything."""

    purse: JudgeRun
    tick: Tick

    @cached_property
    def _relay(self) -> Relay:
        return Relay()

    @cached_property
    def _caller(self) -> Caller:
        ledger.recover(self.purse)
        return Caller(self.purse, partial(endpoints.find, self.purse.judge.organisation), self._relay)

    def ask(self, request: Request, endpoint: str) -> tuple[Completion, str]:
        """As `curation.campaign.Tools.ask`; from within `each` only."""
        try:
            return self._caller.ask(request, endpoint)
        except ledger.BudgetSpent as error:
            raise BudgetSpent("The budget of the campaign is spent.") from error
        except (ServerGone, UnknownEndpoint, ServersError) as error:
            raise CampaignError(f"{endpoint}: {error}") from error

    def each(self, do: Callable[[Any], Any], items: Sequence[Any], workers: int) -> list[Any]:
        """``do`` of each item in threads, whose use of the database is done by this thread."""
        caller = self._caller
        pool = ThreadPoolExecutor(workers, thread_name_prefix=f"campaign-{self.purse.pk}")
        futures: list[Future[Any]] = [pool.submit(do, item) for item in items]
        try:
            while not all(future.done() for future in futures):
                self._relay.serve(0.1)
                self.tick()
                for future in futures:
                    if future.done():
                        future.result()  # whatever one raises ends them all
            return [future.result() for future in futures]
        finally:
            caller.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(future.done() for future in futures):  # what was sent is paid for, so it is waited for
                self._relay.serve(0.1)
            caller.stop.clear()

    def spent(self) -> float:
        """Money so far."""
        return JudgeRun.objects.get(pk=self.purse.pk).spent
