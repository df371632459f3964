"""How a campaign reaches people: its pairs are items of its project, first in the queue, with their own guideline.

    external id   campaign-<campaign>-<row id>
    metadata      {"guideline": …, "attributes": …, "campaign": …, "round": …}

Only what people answered themselves counts as gold, or what was imported as their answers; never a model's answer.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.db.models import F

from annotate import selectors as collected
from annotate import services as collecting
from annotate.models import Item, Rater, Task
from annotate.services import NewItem, NewResponse
from curation import candidates
from curation.campaign.cases import guideline
from curation.models import Campaign

FIRST = 100_000  # priority of the first pair of a campaign; whatever else is in the queue comes after
CHUNK = 500
VOTERS = (Rater.Kind.PERSON, Rater.Kind.IMPORT)


def is_ours(item: Item) -> bool:
    """Whether an item is a pair that some campaign asks about."""
    return "campaign" in item.metadata and item.external_id.startswith("campaign-")


@dataclass(frozen=True)
class Queue:
    """`curation.campaign.People` over a project's queue; ``answers_each``: how many people answer a pair."""

    campaign: Campaign
    question: str
    answers_each: int

    @transaction.atomic
    def ask(self, table: pa.Table, described: Sequence[Mapping[str, Any]], round_: int) -> None:
        """Items, their tasks' overlap, and their place in the queue."""
        project, rows = self.campaign.project, list(zip(table.to_pylist(), described, strict=True))
        places: dict[str, int] = {}
        for start in range(0, len(rows), CHUNK):
            items = [self._item(row, attributes, round_) for row, attributes in rows[start : start + CHUNK]]
            collecting.add_items(project=project, items=items)
            places |= {item.external_id: start + place for place, item in enumerate(items)}
        tasks = project.tasks.filter(item__external_id__in=places, answered=0)
        tasks.filter(taken__lte=self.answers_each).update(overlap=self.answers_each)
        ranked = {pk: FIRST - places[name] for pk, name in tasks.values_list("pk", "item__external_id")}
        collecting.set_priorities(project=project, priorities=ranked)

    def answers(self, row_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Votes by row id of the pairs that are answered; of a round that nobody waits for any longer, of all."""
        given_up = self.campaign.go_on is not None
        found: dict[str, list[dict[str, Any]]] = {}
        for start in range(0, len(row_ids), CHUNK):
            own = {self.campaign.external_id(id_): id_ for id_ in row_ids[start : start + CHUNK]}
            tasks = Task.objects.filter(project=self.campaign.project, item__external_id__in=own)
            open_ = set(tasks.filter(answered__lt=F("overlap")).values_list("item__external_id", flat=True))
            votes = self._votes(list(own))
            found |= {id_: votes.get(name, []) for name, id_ in own.items() if name not in open_ or given_up}
        return found

    def _item(self, row: Mapping[str, Any], attributes: Mapping[str, Any], round_: int) -> NewItem:
        responses = tuple(
            NewResponse(text=row[f"response_{side}"], model=row[f"model_{side}"], media=tuple(row[f"media_{side}"]))
            for side in "ab"
        )
        return NewItem(
            external_id=self.campaign.external_id(row["row_id"]),
            prompt=json.loads(row["prompt"]),
            responses=responses,
            group=row["group"],
            metadata={
                "guideline": guideline(attributes),
                "attributes": dict(attributes),
                "campaign": self.campaign.pk,
                "round": round_,
            },
        )

    def _votes(self, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """People's votes by external id, as the pair's own sides say it."""
        project = self.campaign.project
        items = Item.objects.filter(project=project, external_id__in=names).prefetch_related("responses")
        first = {item.external_id: item.responses.all()[0].key for item in items}
        kinds = dict(Rater.objects.filter(organisation=project.organisation_id).values_list("name", "kind"))
        dimension = candidates.default_dimension(project, self.question)
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        wanted = {"task__item__external_id__in": names, "rater__kind__in": VOTERS}
        for record in candidates.preferences(collected.records(project, question=self.question, **wanted)):
            if record.dimension != dimension:
                continue
            sign = 1 if record.a == first[record.item] else -1
            outcome = record.outcome if sign > 0 else {"a": "b", "b": "a"}.get(record.outcome, record.outcome)
            found[record.item].append(
                {
                    "rater": record.rater,
                    "kind": kinds[record.rater],
                    "outcome": outcome,
                    "level": sign * record.level / record.scale,
                    "p_a": None,
                    "seconds": record.seconds,
                }
            )
        return {name: sorted(votes, key=lambda vote: vote["rater"]) for name, votes in found.items()}
