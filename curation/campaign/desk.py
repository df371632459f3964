"""What the steps of a campaign work with: the plan, the pool, the tools, and what is known of every pair.

Shapes: T some pairs of the pool, N all of them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from curation import pairs
from curation.campaign import Tools, vectors
from curation.campaign.attributes import summary
from curation.campaign.cases import MOST_EXAMPLES, case_of, examples_of, found_table
from curation.campaign.files import Files
from curation.campaign.plan import Plan
from curation.campaign.source import Source
from curation.campaign.tiers import LABELLED, Book, labelled, sides
from curation.campaign.training import Predicted

CHUNK = 100  # pairs that models label between two steps


class Report(Protocol):
    """How progress is told: what is being done, how much of it, of how much. May raise, to stop the campaign."""

    def __call__(self, stage: str, done: int = 0, total: int | None = None) -> None: ...


def silent(stage: str, done: int = 0, total: int | None = None) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Desk:
    """A campaign at work; ``guidelines`` are the project's."""

    plan: Plan
    source: Source
    files: Files
    tools: Tools
    guidelines: str = ""
    report: Report = field(default=silent)

    @cached_property
    def out_N(self) -> np.ndarray:
        """Why hygiene took pairs out."""

        def screen() -> np.ndarray:
            self.report("hygiene")
            return self.plan.plugin("hygiene").screen(self.source, self.plan.settings("hygiene"), self.tools)

        return self.files.array("hygiene", screen)

    @cached_property
    def pool_N(self) -> np.ndarray:
        """Sides of the pool's own labels."""

        def read() -> np.ndarray:
            parts = [sides(pairs.outcome_probs(table)) for table in self.source.shards()]
            return np.concatenate([np.zeros(0, np.int8), *parts])

        return self.files.array("labels", read)

    @cached_property
    def index(self) -> vectors.Index:
        """Vectors of all pairs by what makes them similar."""

        def embedded(number: int) -> np.ndarray:
            self.report("embeddings", number, len(self.source.sizes))
            return self.tools.models.embed(list(self._texts(number)))

        return vectors.build(self.files, self.source, embedded)

    def described(self, places: Sequence[int] | np.ndarray) -> list[dict[str, Any]]:
        """Attributes of these pairs."""
        place_T = np.asarray(places, np.int64)
        shard_T = np.searchsorted(self.source.starts, place_T, side="right") - 1
        texts = {int(number): self._attributes(int(number)) for number in np.unique(shard_T)}
        starts = self.source.starts
        return [
            json.loads(texts[shard][place - starts[shard]])
            for shard, place in zip(shard_T.tolist(), place_T.tolist(), strict=True)
        ]

    def judged(self, name: str, places: np.ndarray, book: Book) -> pa.Table:
        """What models label these pairs, `LABELLED`; kept by chunks, so that none is paid twice."""
        plugin, parts = self.plan.plugin("labelling"), [LABELLED.empty_table()]
        for number, start in enumerate(range(0, len(places), CHUNK)):
            own = places[start : start + CHUNK]

            def label(own: np.ndarray = own, start: int = start) -> pa.Table:
                self.report("models label pairs", start, len(places))
                table = self.source.take(own)
                settings, seed = self.plan.settings("labelling"), self.plan["seed"]
                votes = plugin.label(self.cases(table, own, book), table, settings, self.tools, seed)
                return found_table(own.tolist(), votes)

            parts.append(self.files.table(f"{name}/{number:05}", label))
        return pa.concat_tables(parts)

    def cases(self, table: pa.Table, places: np.ndarray, book: Book) -> list[Any]:
        """Pairs as judges see them, each with the most similar pairs that people labelled."""
        gold = book.places("gold")
        examples = examples_of(self.source.take(gold), book.side_N[gold])
        near_T: list[list[int]] = [[] for _ in range(len(places))]
        if len(gold):
            index = self.index
            near_T = vectors.most_similar(index.vectors(places), index.vectors(gold), MOST_EXAMPLES).tolist()
        return [
            case_of(
                row,
                attributes=attributes,
                guidelines=self.guidelines,
                examples=[examples[place] for place in near],
            )
            for row, attributes, near in zip(table.to_pylist(), self.described(places), near_T, strict=True)
        ]

    def predict(
        self, entry: str, train: pa.Table, gold: pa.Table | None, others: Iterator[pa.Table], name: str, model: str = ""
    ) -> Predicted:
        """What the plug-in of an entry makes of pairs."""
        name = f"{self.plan['name']}: {name}"
        plugin, settings = self.plan.plugin(entry), self.plan.settings(entry)
        return plugin.predict(train, gold, others, settings, self.tools, name=name, model=model)

    def rows(self, places: np.ndarray, side_T: np.ndarray) -> pa.Table:
        """Pairs with these labels."""
        return labelled(self.source.take(places), side_T)

    def learning(self, book: Book) -> pa.Table:
        """What a model of a round learns from."""
        silver = book.places("silver")
        table = self.rows(silver, book.side_N[silver])
        if self.plan["learn_from"] == "silver":
            return table
        free = np.flatnonzero(book.free_N)
        return pa.concat_tables([table, self.rows(free, self.pool_N[free])])

    def gold(self, book: Book) -> pa.Table:
        """What people labelled."""
        places = book.places("gold")
        return self.rows(places, book.side_N[places])

    def _attributes(self, number: int) -> list[str]:
        def describe() -> pa.Table:
            self.report("attributes", number, len(self.source.sizes))
            table, settings = self.source.read(number), self.plan.settings("attributes")
            found = self.plan.plugin("attributes").describe(table, settings, self.tools)
            return pa.table({"attributes": pa.array([pairs.canonical_json(one) for one in found], pa.string())})

        return self.files.table(f"attributes/{number:05}", describe)["attributes"].to_pylist()

    def _texts(self, number: int) -> Iterator[str]:
        """What is embedded of each pair of a shard."""
        table = self.source.read(number)
        columns = (table[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
        for prompt, a, b, attributes in zip(*columns, self._attributes(number), strict=True):
            text = f"{pairs.prompt_text(prompt)}\n{summary(json.loads(attributes))}"
            yield f"{text}\n\n{a}\n\n{b}" if self.plan["similar_by"] == "pair" else text
