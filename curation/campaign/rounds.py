"""The first stage: rounds in which a model is tried on gold, and pairs like those that it errs on are labelled.

    round 0     the seed: pairs drawn by lot are labelled
    round r     train on silver, try on gold; fetch; people label some of it, models the rest

After the last round one more model is trained, so that all silver is learnt from once. The pairs that people labelled
in round 0 were drawn by lot and are the same for all models, so accuracy on them is the curve that tells; accuracy on
all gold falls as gold fills with what models get wrong. Shapes: G pairs of gold, T pairs to be labelled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from curation.campaign import CampaignError, stopping
from curation.campaign.cases import found_table
from curation.campaign.desk import Desk
from curation.campaign.tiers import GOLD, SILVER, Book, chosen
from curation.intervals import wilson

# called with the number of a round and its figures as far as they are known
OnRound = Callable[[int, dict[str, Any]], None]


class Waiting(Exception):
    """Raised where a campaign cannot go on until people have answered: ``missing`` of ``asked`` in round ``round_``."""

    def __init__(self, round_: int, missing: int, asked: int) -> None:
        super().__init__(f"Round {round_} waits for people: {missing} of {asked} pairs are not answered.")
        self.round_, self.missing, self.asked = round_, missing, asked


@dataclass(frozen=True)
class FirstStage:
    """What the rounds brought: the book, the model of each round, why they ended."""

    book: Book
    models: tuple[dict[str, Any], ...]
    stopped: str

    @property
    def best(self) -> int:
        """The place in ``models`` of the best."""
        return stopping.best_round([model["accuracy"]["value"] for model in self.models])


def run(desk: Desk, on_round: OnRound) -> FirstStage:
    """All rounds; what is done is not done again.

    Raises
    ------
    Waiting
        If people are still to answer.
    CampaignError
        If there is nothing to learn from.
    """
    plan, book = desk.plan, Book.of(desk.out_N)
    models: list[dict[str, Any]] = []
    people, machines = desk.files.json("rounds/00/asked", lambda: _seed(desk, book))
    book = _label(desk, book, 0, people, machines, on_round, {})
    while True:
        number = len(models) + 1
        models.append(desk.files.json(f"rounds/{number:02}/model", lambda: _try(desk, book, number)))  # noqa: B023
        figures = {"accuracy": models[-1]["accuracy"], "accuracy_all": models[-1]["accuracy_all"]}
        on_round(number, figures)
        stopped = stopping.reason(
            [model["accuracy"]["value"] for model in models],
            rounds=plan["rounds"],
            patience=plan["patience"],
            spent=desk.tools.spent(),
            money=plan["budget"]["money"],
        )
        asked = desk.files.json(
            f"rounds/{number:02}/asked",
            lambda: [[], [], stopped] if stopped else _fetch(desk, book, number, models[-1]),  # noqa: B023
        )
        people, machines, stopped = asked
        if stopped:
            return FirstStage(book, tuple(models), stopped)
        book = _label(desk, book, number, people, machines, on_round, figures)


def _seed(desk: Desk, book: Book) -> list[list[int]]:
    """Pairs by lot for people and for models."""
    free = np.random.default_rng([desk.plan["seed"], 0]).permutation(np.flatnonzero(book.free_N))
    people, machines = (desk.plan["seed_pairs"][who] for who in ("people", "models"))
    people = min(people, desk.plan["budget"]["people"])
    if len(free) < 2:
        raise CampaignError("Hygiene left fewer than 2 pairs of the pool, so there is nothing to curate.")
    people = min(people, len(free))
    return [free[:people].tolist(), free[people : people + machines].tolist()]


def _try(desk: Desk, book: Book, number: int) -> dict[str, Any]:
    """A model of what is labelled, and how it does on gold."""
    desk.report(f"round {number}: training")
    train, gold = desk.learning(book), book.places(GOLD)
    if not train.num_rows:
        raise CampaignError(
            "Models labelled nothing so far, so there is nothing to learn from. Choose judges for labelling, or let "
            "models learn from the pool too (learn_from: silver_and_pool)."
        )
    if not len(gold):
        raise CampaignError("People could decide no pair, so no model can be tried. Ask them more pairs.")
    found = desk.predict("training", train, desk.gold(book), iter(()), f"round {number}")
    p_G = chosen(found.gold_G, book.side_N[gold])
    first_G = book.round_N[gold] == 0
    return {
        "p": np.round(p_G, 6).tolist(),
        "model": found.model,
        "checkpoint": found.checkpoint,
        "train": train.num_rows,
        "accuracy": _accuracy(p_G[first_G] if first_G.any() else p_G),
        "accuracy_all": _accuracy(p_G),
    }


def _accuracy(p_G: np.ndarray) -> dict[str, Any]:
    """Share of right pairs, an undecided one half, with Wilson's interval."""
    right = float((p_G > 0.5).sum() + (p_G == 0.5).sum() / 2)
    low, high = wilson(right, len(p_G))
    return {"value": right / len(p_G), "low": low, "high": high, "n": len(p_G)}


def _fetch(desk: Desk, book: Book, number: int, model: dict[str, Any]) -> list[Any]:
    """Pairs for people and for models, and why there are none if so."""
    plan = desk.plan
    desk.report(f"round {number}: retrieving")
    left = max(0, plan["budget"]["people"] - int(np.isin(book.tier_N, (GOLD, "undecided")).sum()))
    count = min(plan["per_round"]["people"], left)
    machines = 0 if plan.uses["labelling"].name == "off" else plan["per_round"]["models"]
    most, seed = count + machines, [plan["seed"], number]
    gold, settings = book.places(GOLD), plan.settings("retrieving")
    retrieve = plan.plugin("retrieving").retrieve
    places = retrieve(gold, np.array(model["p"]), desk.index, book.free_N, most, settings, seed) if most else []
    if not len(places):
        return [[], [], "nothing"]
    choose = plan.plugin("people")
    margin_T = np.zeros(len(places))
    if choose.NEEDS_MODEL:
        table = [desk.source.take(places)]
        arguments = desk.learning(book), desk.gold(book), iter(table), f"round {number}", model["model"]
        margin_T = desk.predict("training", *arguments).other_N
    described, side_T = desk.described(places), desk.pool_N[places]
    first = choose.choose(described, margin_T, side_T, count, plan.settings("people"), seed)
    rest = np.delete(np.arange(len(places)), first)[:machines]
    return [places[first].tolist(), places[rest].tolist(), ""]


def _label(
    desk: Desk,
    book: Book,
    number: int,
    people: list[int],
    machines: list[int],
    on_round: OnRound,
    known: dict[str, Any],
) -> Book:
    """The book with what people and models made of a round's pairs; people are asked first, so they need not wait."""
    figures = {**known, "asked": len(people), "given": len(machines)}
    answered = f"rounds/{number:02}/people"
    if people and not desk.files.has(f"{answered}.parquet"):
        desk.tools.people.ask(desk.source.take(people), desk.described(people), number)
    judged = desk.judged(f"rounds/{number:02}/models", np.array(machines, np.int64), book)
    with_silver = book.with_labels(judged, SILVER, number)
    figures |= {"silver": len(with_silver.places(SILVER)), "labelled": int((with_silver.round_N == number).sum())}
    figures["labelled"] -= int(((with_silver.round_N == number) & (with_silver.tier_N == "unlabelled")).sum())
    on_round(number, {**figures, "gold": len(book.places(GOLD)), "spent": desk.tools.spent()})

    found = desk.files.table(answered, lambda: _answers(desk, number, people))
    book = with_silver.with_labels(found, GOLD, number)
    own_N = book.round_N == number
    figures |= {
        "gold": len(book.places(GOLD)),
        "answered": int((own_N & (book.tier_N == GOLD)).sum()),
        "undecided": int((own_N & (book.tier_N == "undecided")).sum()),
        "spent": desk.tools.spent(),
    }
    on_round(number, figures)
    return book


def _answers(desk: Desk, number: int, people: list[int]) -> pa.Table:
    ids = desk.source.take(people)["row_id"].to_pylist()
    answers = desk.tools.people.answers(ids) if people else {}
    if missing := sum(id_ not in answers for id_ in ids):
        raise Waiting(number, missing, len(ids))
    return found_table(people, [answers[id_] for id_ in ids])
