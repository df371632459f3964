"""What requests cost: reserved before they are sent, settled when they are answered. Every function is one transaction.

A run's ``spent`` holds what was paid and what is reserved; it is raised by one conditional statement, so that not even
two processes can pass a budget together.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, F, Q, Value
from django.utils import timezone

from curation.clients import Completion, Endpoint, Request, ServerError
from curation.models import BILLION, JudgeCall, JudgeRun

LATE_SECONDS = 60  # after its timeout, a reservation of a process that died is nobody's any more
LATE_BATCH_SECONDS = 26 * 3600  # batches end within a day
NO_TEXT = dict.fromkeys((0, *range(55296, 57344)), "�")


class BudgetSpent(Exception):
    """What the request could cost does not fit into what is left of the run's budget."""


@dataclass(frozen=True)
class Busy:
    """Somebody else is asking the same at this moment, so its answer is waited for. ``batch``: in that batch."""

    batch: str = ""


def billionths(endpoint: Endpoint, input_tokens: int, output_tokens: int, *, in_batch: bool = False) -> int:
    """Money for so many tokens, rounded up."""
    price_in, price_out = Decimal(str(endpoint.price_in)), Decimal(str(endpoint.price_out))
    share = Decimal(str(endpoint.batch_price)) if in_batch else 1
    return math.ceil((input_tokens * price_in + output_tokens * price_out) * share * BILLION / 10**6)


def known(organisation: int, request_hash: str) -> Completion | None:
    """The answer that the organisation has paid for already."""
    row = JudgeCall.objects.filter(
        organisation=organisation, request_hash=request_hash, state=JudgeCall.State.ANSWERED
    ).first()
    return _completion(row) if row else None


@transaction.atomic
def reserve(
    run: JudgeRun, endpoint: Endpoint, request: Request, request_hash: str, *, in_batch: bool = False
) -> JudgeCall | Completion | Busy:
    """Set aside the most that a request can cost; or the answer, where it has been paid for before.

    Raises
    ------
    BudgetSpent
        If it does not fit into the budget any more.
    """
    organisation = run.judge.organisation_id
    taken = JudgeCall.objects.filter(
        organisation=organisation, request_hash=request_hash, state__in=["reserved", "answered"]
    ).first()
    if taken is not None:
        if taken.state == JudgeCall.State.ANSWERED:
            return _completion(taken)
        lasts = timedelta(seconds=LATE_BATCH_SECONDS if taken.batch else endpoint.timeout + LATE_SECONDS)
        if taken.created_at > timezone.now() - lasts:
            return Busy(taken.batch if taken.run_id == run.pk else "")
        JudgeCall.objects.filter(pk=taken.pk, state="reserved").update(state="lost")
    tokens = request.most_tokens(endpoint)
    cost = billionths(endpoint, *tokens, in_batch=in_batch)
    left = Q(budget_billionths__gte=F("spent_billionths") + Value(cost, BigIntegerField()))
    left &= Q(budget_tokens=None) | Q(budget_tokens__gte=F("spent_tokens") + Value(sum(tokens), BigIntegerField()))
    fits = JudgeRun.objects.filter(left, pk=run.pk)
    if not fits.update(spent_billionths=F("spent_billionths") + cost, spent_tokens=F("spent_tokens") + sum(tokens)):
        raise BudgetSpent
    try:
        with transaction.atomic():
            return JudgeCall.objects.create(
                organisation_id=organisation,
                run=run,
                request_hash=request_hash,
                endpoint=endpoint.name,
                model=endpoint.model,
                input_tokens=tokens[0],
                output_tokens=tokens[1],
                cost_billionths=cost,
            )
    except IntegrityError:  # another process was quicker
        _give_back(run.pk, cost, sum(tokens))
        return Busy()


@transaction.atomic
def settle(call: JudgeCall, endpoint: Endpoint, completion: Completion) -> Completion:
    """Keep an answer, at its true cost instead of the most it could have been; as it is kept."""
    cost = billionths(endpoint, completion.input_tokens, completion.output_tokens, in_batch=bool(call.batch))
    texts = [text.translate(NO_TEXT) for text in completion.texts]
    first = [
        None if tokens is None else {token.translate(NO_TEXT): p for token, p in tokens.items()}
        for tokens in completion.first_tokens
    ]
    own = JudgeCall.objects.filter(pk=call.pk, state=JudgeCall.State.RESERVED)
    kept = own.update(
        state=JudgeCall.State.ANSWERED,
        model=completion.model.translate(NO_TEXT)[:200],
        texts=texts,
        first_tokens=first,
        input_tokens=completion.input_tokens,
        output_tokens=completion.output_tokens,
        cost_billionths=cost,
        seconds=completion.seconds,
        answered_at=timezone.now(),
    )
    if kept:  # else it was given up for lost, and stays paid at the most
        tokens = completion.input_tokens + completion.output_tokens
        _give_back(call.run_id, call.cost_billionths - cost, call.tokens - tokens)
    call.refresh_from_db()
    return _completion(call) if kept else completion


@transaction.atomic
def fail(call: JudgeCall, error: ServerError) -> None:
    """A request without an answer: what it may have cost stays spent, or is free again where it was not charged."""
    own = JudgeCall.objects.filter(pk=call.pk, state=JudgeCall.State.RESERVED)
    if error.billed:
        own.update(state=JudgeCall.State.FAILED, error=_short(error), answered_at=timezone.now())
    elif own.update(
        state=JudgeCall.State.FAILED,
        error=_short(error),
        answered_at=timezone.now(),
        input_tokens=0,
        output_tokens=0,
        cost_billionths=0,
    ):
        _give_back(call.run_id, call.cost_billionths, call.tokens)


def recover(run: JudgeRun) -> int:
    """What a process that died left reserved is lost: it counts as spent. Returns how many requests."""
    left = run.calls.filter(state=JudgeCall.State.RESERVED, batch="")
    return left.update(state=JudgeCall.State.LOST)


def _give_back(run: int | None, cost: int, tokens: int) -> None:
    JudgeRun.objects.filter(pk=run).update(
        spent_billionths=F("spent_billionths") - cost, spent_tokens=F("spent_tokens") - tokens
    )


def _completion(call: JudgeCall) -> Completion:
    return Completion(
        tuple(call.texts), call.input_tokens, call.output_tokens, tuple(call.first_tokens), call.seconds, call.model
    )


def _short(error: Exception) -> str:
    return str(error).translate(NO_TEXT)[:500]
