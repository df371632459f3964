"""The second stage: every pair of the pool gets its fate, and those that stay become a dataset.

Shapes: N pairs of the pool, R rows of the dataset.
"""

import numpy as np
import pyarrow as pa

from curation.campaign.desk import Desk
from curation.campaign.fates import Evidence, Fates, doubted, open_pairs, settle
from curation.campaign.rounds import FirstStage
from curation.campaign.tiers import GOLD, NOT_ASKED, SILVER, Book, sides
from curation.pairs import outcome_probs


def run(desk: Desk, first: FirstStage) -> tuple[Evidence, pa.Table, Fates]:
    """The evidence, what models labelled in this stage (`tiers.LABELLED`), and the fates."""
    book = first.book
    best_N = desk.files.array("stage-two/best", lambda: _best(desk, first))
    gold_N = desk.files.array("stage-two/gold", lambda: _gold(desk, book))
    people_N, silver_N = _said(book, GOLD, "undecided"), _said(book, SILVER, "unlabelled")
    bound = desk.plan["sure_above"]
    open_N = open_pairs(book.out_N, people_N, silver_N)
    places = np.flatnonzero(open_N & doubted(desk.pool_N, best_N, bound))
    judged = desk.judged("stage-two/models", places, book)
    judges_N = np.full(desk.source.rows, NOT_ASKED, np.int8)
    judges_N[judged["place"].to_numpy()] = sides(outcome_probs(judged))
    found = Evidence(book.out_N, desk.pool_N, people_N, silver_N, judges_N, best_N, gold_N)
    agrees = desk.plan.plugin("consistency").agrees
    return found, judged, settle(found, agrees, bound=bound, recycle=desk.plan["recycle"])


def _best(desk: Desk, first: FirstStage) -> np.ndarray:
    """Margins of the pool by the best round's model."""
    desk.report("stage two: best model")
    model, book = first.models[first.best], first.book.before(first.best + 1)
    learning, gold, name = desk.learning(book), desk.gold(book), f"round {first.best + 1}"
    return desk.predict("training", learning, gold, desk.source.shards(), name, model["model"]).other_N


def _gold(desk: Desk, book: Book) -> np.ndarray:
    """Margins of the pool by a model of all that people labelled, and of nothing else."""
    desk.report("stage two: gold model")
    return desk.predict("gold_model", desk.gold(book), None, desk.source.shards(), "gold model").other_N


def _said(book: Book, tier: str, in_vain: str) -> np.ndarray:
    """Sides that those gave who make a tier; 0 where they could not."""
    return np.where(book.tier_N == tier, book.side_N, np.where(book.tier_N == in_vain, 0, NOT_ASKED)).astype(np.int8)
