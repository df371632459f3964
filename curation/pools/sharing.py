"""The parts of a pass shared out among all workers: one Celery task a part, and whoever waits for them helps.

The row of a part says who has it. A part is claimed by one statement; a claim lapses after `LEASE`, for its worker may
have died, and doing a part twice does no harm. So a laptop with one worker does all of it in the job of the pass, and
the tasks that come later find nothing left to do.
"""

import time
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from curation.contexts import context_of
from curation.models import PassPart, PoolPass
from curation.pools import parts, passing, storage
from curation.pools.passing import Workers
from curation.pools.plan import Phase, Plan
from curation.pools.store import Store, Within

LEASE = timedelta(minutes=10)
POLL = 0.2  # seconds between two looks at what others do


def workers(over: PoolPass, store: Store, plan: Plan) -> Workers:
    """Whoever takes up the tasks of a pass, this process among them."""

    def work(phase: Phase, left: list[int]) -> Iterable[int]:
        rows = PassPart.objects.filter(of=over, phase=phase.number)
        rows.filter(number__in=left).delete()  # of a worker that was killed: its report is not there
        PassPart.objects.bulk_create(PassPart(of=over, phase=phase.number, number=number) for number in left)
        if len(left) > 1:
            for number in left:
                _send(over, phase.number, number)
        open_, told = set(left), 0
        while open_:
            if (number := _claim(over, phase.number, open_)) is not None:
                _do(over, store, plan, phase, number)
            else:
                time.sleep(POLL)
            open_ -= set(rows.filter(state=PassPart.State.DONE).values_list("number", flat=True))
            yield len(left) - len(open_) - told
            told = len(left) - len(open_)

    return work


def help_with(*, pass_id: int, phase: int, number: int) -> None:
    """Do one part of a pass, if it is still to be done and nobody has it."""
    over = PoolPass.objects.select_related("pool__project").filter(pk=pass_id, state=PoolPass.State.RUNNING).first()
    if over is None or _claim(over, phase, {number}) is None:
        return
    store = Within(storage.store(), over.folder)
    plan = passing.load(store)
    _do(over, store, plan, plan.phases[phase], number)


def _send(over: PoolPass, phase: int, number: int) -> None:
    """Offer a part to other workers. A broker that is away is no error: this process does what nobody takes."""
    from curation.tasks.pools import pool_part

    try:
        pool_part.apply_async(args=[over.pk, phase, number], retry=False)
    except Exception:
        return


def _claim(over: PoolPass, phase: int, numbers: set[int]) -> int | None:
    """One of these parts, which is this worker's now; None where others have them all."""
    now = timezone.now()
    free = Q(state=PassPart.State.WAITING) | Q(state=PassPart.State.RUNNING, claimed_at__lt=now - LEASE)
    rows = PassPart.objects.filter(free, of=over, phase=phase, number__in=numbers)
    for pk, number in rows.values_list("pk", "number")[:20]:
        taken = PassPart.objects.filter(free, pk=pk).update(state=PassPart.State.RUNNING, claimed_at=now)
        if taken:
            return int(number)
    return None


def _do(over: PoolPass, store: Store, plan: Plan, phase: Phase, number: int) -> None:
    start = time.perf_counter()
    row = PassPart.objects.filter(of=over, phase=phase.number, number=number)
    try:
        parts.work(storage.store(), store, plan, phase, number, context_of(over.pool.project))
    except BaseException:
        row.update(state=PassPart.State.WAITING, claimed_at=None)
        raise
    row.update(state=PassPart.State.DONE, seconds=time.perf_counter() - start)
