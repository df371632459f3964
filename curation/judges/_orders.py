"""The orders in which responses are shown, and the judgement that answers in several orders make together."""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from annotate.feedback import closed
from curation.judges import Case, Judgement, Sample, Tools
from curation.judges._merge import Vote, consistent, distribution, merge
from curation.judges._prompt import Block, Shown, messages
from curation.judges._reply import ask

CRITIQUE = {"type": "string", "description": "What speaks for and against each response, before any verdict"}


class Said(NamedTuple):
    """A sample with the critique that came before its verdict, "" where none was asked for."""

    sample: Sample
    critique: str = ""


def orders(case: Case, seed: int) -> list[tuple[str, ...]]:
    """Of two responses both orders, the item's own first; of more a drawn one and its reverse; of one the only one."""
    order = list(case.asked.responses)
    if len(order) > 2:
        random.Random(f"{seed}:{case.item}").shuffle(order)
    return [tuple(order), tuple(reversed(order))][: min(2, len(order))]


def verdicts(
    case: Case,
    tools: Tools,
    instruction: str,
    *,
    n: int,
    endpoint: str = "",
    task: str = "",
    more: Sequence[Block] = (),
    critique: bool = False,
) -> list[Said]:
    """``n`` answers in the kind's own form for each order; with ``critique`` a critique is written before each."""
    found = []
    for order in orders(case, tools.seed):
        shown = Shown(case, order)
        schema = closed({"critique": CRITIQUE, "verdict": shown.schema}) if critique else shown.schema
        for reply in ask(
            tools, messages(instruction, shown, schema, task=task, more=more), schema, n=n, endpoint=endpoint
        ):
            said = (reply.value or {}).get("critique", "") if critique else ""
            answer = (reply.value or {}).get("verdict") if critique else reply.value
            found.append(Said(reply.sample(shown, answer), said))
    return found


def in_both_orders(case: Case, samples: Sequence[Sample], inconsistent: str, **notes: Any) -> Judgement:
    """An answer that stands in every order; what the orders disagree on is undecided, or voids the answer.

    ``notes`` gains ``consistent``: for each thing chosen, whether all orders choose the same.
    """
    kind, asked = case.kind, case.asked
    answers = [merge(kind, asked, [Vote(s.answer) for s in group]) for group in by_order(samples).values()]
    said = [answer for answer in answers if answer is not None]
    agreed = consistent(kind, asked, said) if len(said) == len(answers) else {}
    void = len(said) < len(answers) or (inconsistent == "none" and not all(agreed.values()))
    answer = None if void else merge(kind, asked, [Vote(one) for one in said])
    return Judgement(answer, shares(case, samples), tuple(samples), {**notes, "consistent": agreed})


def pooled(case: Case, votes: Sequence[Vote], samples: Sequence[Sample], **notes: Any) -> Judgement:
    """The answer of the weighted majority of all samples, whatever the order that they saw."""
    answer = merge(case.kind, case.asked, votes)
    return Judgement(answer, distribution(case.kind, case.asked, votes), tuple(samples), notes)


def by_order(samples: Sequence[Sample]) -> dict[tuple[str, ...], list[Sample]]:
    """Samples that gave an answer, by order; an order in which none did is there, empty."""
    found: dict[tuple[str, ...], list[Sample]] = {}
    for sample in samples:
        found.setdefault(sample.order, []).extend([sample] * (sample.answer is not None))
    return found


def balanced(samples: Sequence[Sample]) -> list[Vote]:
    """The answers as votes; every order weighs the same, however many of its samples gave one."""
    groups = [group for group in by_order(samples).values() if group]
    return [Vote(sample.answer, 1 / len(group) / len(groups)) for group in groups for sample in group]


def shares(case: Case, samples: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """The distribution over the samples, every order weighing the same."""
    return distribution(case.kind, case.asked, balanced(samples))
