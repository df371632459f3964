"""Answers of the form, written as results."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from annotate.records import Check, Critique, Preference, Ranking, Rating, Record, Region, Revision, Span, Verdict
from curation.formats._found import named
from curation.formats.label_studio.config import stars


def results(
    record: Record, questions: Mapping[str, Any], options: Mapping[str, Any], left_out: Counter[str]
) -> list[dict[str, Any]]:
    """One record as results; several where it says more than one control can."""
    if record.question not in questions:
        left_out["no_question"] += 1
        return []
    write = WRITERS.get(type(record))
    made = record.name if write is None else write(record, questions[record.question])
    if isinstance(made, str):
        left_out[made] += 1
        return []
    if any("picture" in one["to_name"] or one["to_name"] == "source" for one in made) and not options["pictures"]:
        left_out["more_pictures"] += 1
        return []
    return made


def _result(name: str, to_name: str, kind: str, value: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"from_name": name, "to_name": to_name, "type": kind, "value": dict(value), "origin": "manual", **more}


def said_preference(record: Preference, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    if record.outcome in ("tie", "both_bad"):
        return record.outcome
    a, b, left = record.a, record.b, record.outcome == "a"
    if int(a) > int(b):
        a, b, left = b, a, not left
    name = f"{question['name']}:{record.dimension or 'overall'}:{a}:{b}"
    made = [_result(name, name, "pairwise", {"selected": "left" if left else "right"})]
    steps = len(question["settings"].get("labels", ["better"]))
    if record.scale != steps:
        return "strength"
    if steps > 1:
        value = {"rating": record.strength}
        made.append(_result(f"{name}:strength", "prompt", "rating", value, meta={"scale": record.scale}))
    return made


def said_ranking(record: Ranking, question: Mapping[str, Any]) -> list[dict[str, Any]]:
    order = sorted(set(record.ranks.values()))
    buckets = {
        f"rank-{place}": [key for key, own in record.ranks.items() if own == rank]
        for place, rank in enumerate(order, 1)
    }
    return [_result(f"{question['name']}:overall:all", "responses", "ranker", {"ranker": buckets})]


def said_rating(record: Rating, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    name = f"{question['name']}:{record.dimension or 'overall'}:{record.response}"
    meta = {"low": record.low, "high": record.high}
    if not stars(question["settings"]):
        value = {"number": record.value}
        return [_result(name, f"response_{record.response}", "number", value, meta=meta)]
    if record.value != int(record.value) or (record.low, record.high) != (1, question["settings"].get("high", 5)):
        return "scale"
    return [_result(name, f"response_{record.response}", "rating", {"rating": int(record.value)}, meta=meta)]


def said_verdict(record: Verdict, question: Mapping[str, Any]) -> list[dict[str, Any]]:
    name, to_name = f"{question['name']}:overall:{record.response}", f"response_{record.response}"
    return [_result(name, to_name, "choices", {"choices": ["good" if record.good else "bad"]})]


def said_check(record: Check, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    if record.credit is not None:
        return "credit"
    if record.criterion not in named(question["settings"], "criteria"):
        return record.name  # a criterion of the item's own, or a rating that does not apply
    name, to_name = f"{question['name']}:{record.criterion}:{record.response}", f"response_{record.response}"
    said = "na" if record.met is None else "met" if record.met else "unmet"
    return [_result(name, to_name, "choices", {"choices": [said]}, meta={"points": record.points})]


def said_critique(record: Critique, question: Mapping[str, Any]) -> list[dict[str, Any]]:
    name = f"{question['name']}:{record.aspect or 'overall'}:{record.response or 'all'}"
    to_name = f"response_{record.response}" if record.response else "prompt"
    return [_result(name, to_name, "textarea", {"text": [record.text]})]


def said_revision(record: Revision, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    if not record.text:
        return "nothing_to_correct"
    name, to_name = f"{question['name']}:revision:{record.response}", f"response_{record.response}"
    return [_result(name, to_name, "textarea", {"text": [record.text]})]


def said_span(record: Span, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    if not record.category:
        return []  # read, with nothing to mark
    if record.start == record.end:
        return "span_note"
    place = {"start": record.start, "end": record.end}
    value = {**place, "labels": [record.category]}
    marked = _marked(record, question, "overall", f"response_{record.response}", "labels", value, place)
    if record.correction:
        name = f"{question['name']}:correction:{record.response}"
        said = {**place, "text": [record.correction]}
        marked.append(_result(name, marked[0]["to_name"], "textarea", said, id=marked[0]["id"]))
    return marked


def said_region(record: Region, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    if not record.category:
        return []  # looked at, with nothing to mark
    if record.shape not in ("box", "polygon"):
        return record.shape
    if record.image:
        return "more_pictures"
    xy = [100 * value for value in record.points_xy]
    if record.shape == "box":
        left, right, top, bottom = *sorted(xy[::2]), *sorted(xy[1::2])
        place: dict[str, Any] = {"x": left, "y": top, "width": right - left, "height": bottom - top, "rotation": 0}
        kind = "rectanglelabels"
    else:
        place, kind = {"points": [list(pair) for pair in zip(xy[::2], xy[1::2], strict=True)]}, "polygonlabels"
    to_name = f"picture_{record.response}" if record.response else "source"
    return _marked(record, question, record.shape, to_name, kind, {**place, kind: [record.category]}, place)


def _marked(
    record: Span | Region,
    question: Mapping[str, Any],
    part: str,
    to_name: str,
    kind: str,
    value: Mapping[str, Any],
    place: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """A marked place, and with the same id what is said about it."""
    end = record.response or "source"
    identifier = "-".join(map(str, (question["name"], end, *_flat(place.values()), record.category)))
    made = [_result(f"{question['name']}:{part}:{end}", to_name, kind, value, id=identifier)]
    for name, shape in (("severity", "choices"), ("explanation", "textarea")):
        if said := getattr(record, name):
            told = {**place, "choices" if shape == "choices" else "text": [said]}
            made.append(_result(f"{question['name']}:{name}:{end}", to_name, shape, told, id=identifier))
    return made


def _flat(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        else:
            yield value


WRITERS: dict[type[Record], Any] = {
    Preference: said_preference, Ranking: said_ranking, Rating: said_rating, Verdict: said_verdict,
    Check: said_check, Critique: said_critique, Revision: said_revision, Span: said_span, Region: said_region,
}  # fmt: skip
