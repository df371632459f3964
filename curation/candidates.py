"""From a project's annotations to its pair table: one row a pair compared, with its votes."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from annotate import feedback
from annotate import selectors as collected
from annotate.models import Item, Project, Rater
from annotate.records import Preference, Ranking, Record
from curation import pairs, selectors

CHUNK = 2000


def preferences(records: Iterator[Record]) -> Iterator[Preference]:
    """The comparisons of two responses that records hold: preferences, and the pairs of a ranking."""
    for record in records:
        if isinstance(record, Preference):
            yield record
        elif isinstance(record, Ranking):
            yield from ranked_pairs(record)


def ranked_pairs(ranking: Ranking) -> Iterator[Preference]:
    """Every pair of a ranking as a preference without strength; equal ranks are ties."""
    keys = sorted(ranking.ranks)
    source = {
        name: getattr(ranking, name)
        for name in ("item", "rater", "question", "dimension", "annotation", "seconds", "shown_first")
    }
    for i, a in enumerate(keys):
        for b in keys[i + 1 :]:
            difference = ranking.ranks[b] - ranking.ranks[a]
            outcome = "tie" if difference == 0 else "a" if difference > 0 else "b"
            yield Preference(**source, a=a, b=b, outcome=outcome, strength=int(outcome != "tie"))


def pair_table(project: Project, *, question: str, dimension: str = "") -> pa.Table:
    """The project's pair table for one question and dimension, sorted by row id.

    Its votes are filled in; what is believed of them (``p_a`` … ``margin``) is left to the pipeline's
    consensus. Rows that people never voted on are not candidates. ``dimension`` "" means the overall
    judgement, or where the form has none, the first dimension.
    """
    votes: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    dimension = dimension or default_dimension(project, question)
    kinds = dict(Rater.objects.filter(organisation=project.organisation_id).values_list("name", "kind"))
    beliefs = _beliefs(project, question)
    for record in preferences(collected.records(project, question=question)):
        if record.dimension == dimension:
            votes[record.item, record.a, record.b].append(
                {
                    "rater": record.rater,
                    "kind": kinds[record.rater],
                    "outcome": record.outcome,
                    "level": record.level / record.scale,
                    "p_a": _p_a(beliefs.get(record.annotation, {}), record),
                    "seconds": record.seconds,
                }
            )
    by_item: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for item, a, b in votes:
        by_item[item].append((a, b))
    rows: list[dict[str, Any]] = []
    names = list(by_item)
    for start in range(0, len(names), CHUNK):
        chunk = Item.objects.filter(project=project, external_id__in=names[start : start + CHUNK])
        for item in chunk.prefetch_related("responses"):
            responses = {response.key: response for response in item.responses.all()}
            prompt = pairs.canonical_json(item.prompt)
            for a, b in by_item[item.external_id]:
                first, second = responses[a], responses[b]
                rows.append(
                    {
                        "row_id": pairs.row_id(prompt, first.text, second.text, first.media, second.media),
                        "item": item.external_id,
                        "question": question,
                        "dimension": dimension,
                        "group": item.group,
                        "prompt": prompt,
                        "response_a": first.text,
                        "response_b": second.text,
                        "key_a": a,
                        "key_b": b,
                        "model_a": first.model,
                        "model_b": second.model,
                        "media_a": first.media,
                        "media_b": second.media,
                        "n_votes": len(votes[item.external_id, a, b]),
                        "votes": sorted(votes[item.external_id, a, b], key=lambda vote: vote["rater"]),
                        "gold": _gold(item, responses, a, b),
                        "weight": 1.0,
                        "margin": 0.0,
                        "metadata": json.dumps(item.metadata, sort_keys=True, ensure_ascii=False),
                    }
                )
    rows.sort(key=lambda row: (row["row_id"], row["item"]))
    return pa.Table.from_pylist(rows, schema=pairs.SCHEMA)


def beliefs_of(project: Project, question: str) -> dict[tuple[str, str, str, str], float]:
    """Models' own probabilities that a is better, by item, pair ("a:b"), dimension and rater."""
    beliefs = _beliefs(project, question)
    found = {}
    for record in preferences(collected.records(project, question=question)) if beliefs else ():
        p_a = _p_a(beliefs.get(record.annotation, {}), record)
        if p_a is not None:
            for pair, own in ((f"{record.a}:{record.b}", p_a), (f"{record.b}:{record.a}", 1 - p_a)):
                found[record.item, pair, record.dimension, record.rater] = own
    return found


def _beliefs(project: Project, question: str) -> dict[str, dict[str, Any]]:
    """What models say of their own certainty, by annotation: the scores of a reward model, a judge's probabilities."""
    models = (Rater.Kind.LANGUAGE_MODEL, Rater.Kind.REWARD_MODEL, Rater.Kind.RULE)
    rows = collected.current_annotations(project, rater__kind__in=models).values_list("pk", "metadata")
    return {
        str(pk): {"scores": metadata.get("scores"), "probs": (metadata.get("probs") or {}).get(question)}
        for pk, metadata in rows.iterator(chunk_size=5000)
    }


def _p_a(belief: dict[str, Any], record: Preference) -> float | None:
    """The model's own probability that a is better; None where it says nothing of it."""
    if probs := (belief.get("probs") or {}).get(record.dimension or feedback.OVERALL):
        return float(probs.get(record.a, 0.0) + (probs.get("tie", 0.0) + probs.get("both_bad", 0.0)) / 2)
    scores = belief.get("scores") or {}
    if {record.a, record.b} <= scores.keys():
        return 0.5 * (1 + math.tanh((scores[record.a] - scores[record.b]) / 2))
    return None


def default_dimension(project: Project, question: str) -> str:
    """ "" where the question has an overall judgement, else its first dimension."""
    named = dimensions(project, question)
    return "" if not named or feedback.OVERALL in named else named[0]


def dimensions(project: Project, question: str) -> list[str]:
    """The dimensions that a question names; none where it asks as a whole."""
    row = selectors.question_of(project, question)
    return [d["name"] for d in feedback.settings_with_defaults(row.kind, row.settings).get("dimensions", [])]


def _gold(item: Item, responses: dict[str, Any], a: str, b: str) -> str | None:
    """The released outcome stands between the item's first two responses, in their order."""
    order = responses[a].index, responses[b].index
    if set(order) != {0, 1} or not item.gold:
        return None
    return item.gold if order == (0, 1) else {"a": "b", "b": "a"}.get(item.gold, item.gold)
