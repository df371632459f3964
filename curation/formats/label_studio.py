"""Label Studio: tasks with annotations in its JSON export, and a project as tasks with their labelling configuration.

    {"id": 7, "data": {"prompt": "…", "answer1": "…", "answer2": "…"}, "annotations": [{"id": 1, "completed_by": 3,
     "was_cancelled": false, "ground_truth": false, "lead_time": 12.5, "created_at": "2026-11-20T09:30:00Z", "result":
     [{"from_name": "better", "to_name": "better", "type": "pairwise", "value": {"selected": "left"}}]}]}

Read: pairwise, choices, taxonomy, textarea, rating, number, ranker, labels on text and audio, rectanglelabels and
polygonlabels. Prompt and responses are found by the usual names in ``data``: a prompt, question or instruction; a list
(items, responses, …), numbered names (answer1, answer2; response_a, response_b), or one text or file. Predictions
answer as the rater of their model. The last annotation of a rater on a task counts. Brush masks, rotated boxes and
whatever else is not read is counted in the item's metadata (``unread``).

Written: tasks.json and label_config.xml. Names of controls are question:dimension:response, so that what is written
reads back as the same records. Ranks, ties among them, are buckets. Not sayable, and counted: ties and both bad of a
comparison, brush strokes, time ranges, step labels, partial credit, criteria of an item's own.

Sources: label-studio-sdk 2.1 (label_interface/control_tags.py, which bench/label_studio.py checks the export with), the
task format of https://labelstud.io/guide/task_format, and HumanSignal/label-studio#1559 with label-studio-frontend#308:
offsets of text are code points; older versions counted UTF-16 units, which is undone where the marked words show it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

from annotate.records import (
    Check,
    Critique,
    Preference,
    Ranking,
    Rating,
    Record,
    Region,
    Revision,
    Span,
    TimeRange,
    Verdict,
)
from curation.formats import Parsed, ParsedAnswer, ParsedResponse, ParsedVote, RowError, clip
from curation.formats._answers import LOOSE, table_dict
from curation.formats._answers import files as file_names
from curation.formats._fields import number, objects, optional_text, rest, structure
from curation.formats._found import SHOWN, VERDICTS, WORDS, Task, parted
from curation.formats._found import task as find_task

TITLE = "Label Studio"
SUMMARY = (
    "Tasks with annotations from Label Studio's JSON export; a project as tasks with their labelling configuration."
)
ITEMS_FILE = "tasks.json"
EXAMPLE = {
    "id": 7,
    "data": {"prompt": "Name a river.", "answer1": "The Elbe.", "answer2": "Rome."},
    "annotations": [
        {
            "id": 1,
            "completed_by": 3,
            "was_cancelled": False,
            "lead_time": 12.5,
            "created_at": "2026-11-20T09:30:00Z",
            "result": [
                {"from_name": "better", "to_name": "better", "type": "pairwise", "value": {"selected": "left"}},
                {"from_name": "why", "to_name": "prompt", "type": "textarea", "value": {"text": ["Rome is a city."]}},
            ],
        }
    ],
}
OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "responses": SHOWN,
        "pictures": {
            "type": "boolean",
            "default": False,
            "title": "Pictures",
            "description": "Show the first picture of the item and of each response.",
        },
    },
}
LEFT_OUT = {
    "too_many_responses": "The item has more responses than the labelling configuration shows.",
    "tie": "A comparison cannot say that neither is better.",
    "both_bad": "A comparison cannot say that both are bad.",
    "strength": "The strength of a comparison is on another scale than the question's.",
    "scale": "A rating is on another scale than the question's.",
    "credit": "A criterion that is met in part.",
    "no_question": "An answer to a question that the form does not ask.",
    "span_note": "A note on a response as a whole, such as what is missing from it.",
    "brush": "A brush stroke.",
    "more_pictures": "A mark on a picture that is not shown: switch pictures on; only the first of each is shown.",
}  # and by the name of their record, those that Label Studio has no control for


# Reading


def parse(row: Mapping[str, Any]) -> Parsed:
    """One task with its annotations and predictions."""
    if not isinstance(structure(row.get("data"), "data"), dict):
        raise RowError(f"data is {clip(row.get('data'))}; a task of Label Studio has an object there.")
    task = find_task(table_dict(row["data"], "data"))
    annotations = {_rater(one): one for one in objects(row.get("annotations"), "annotations")}
    cancelled = [rater for rater, one in annotations.items() if one.get("was_cancelled")]
    predictions = objects(row.get("predictions"), "predictions")
    said = [(rater, one) for rater, one in annotations.items() if not one.get("was_cancelled")]
    said += [(optional_text(one, "model_version") or "prediction", one) for one in predictions]
    votes: list[ParsedVote] = []
    answers: list[ParsedAnswer] = []
    gold = ""
    for rater, one in said:
        records = list(_records(task, objects(one.get("result"), "result")))
        more = {"seconds": number(one, "lead_time"), "submitted_at": optional_text(one, "created_at")}
        own, others = parted(records, rater, **more)
        votes += own
        answers += others
        if one.get("ground_truth") is True and len(own) == 1 and (own[0].a, own[0].b) == (0, 1):
            gold = own[0].outcome
    data = table_dict(row["data"], "data")
    own_metadata = data["metadata"] if isinstance(data.get("metadata"), dict) else {}
    rubric = data["criteria"] if isinstance(data.get("criteria"), list) else []
    taken = {*task.used, "external_id", "group", "source"} | ({"metadata"} if own_metadata else set())
    found = {"unread": dict(task.unread), "cancelled": cancelled}
    return Parsed(
        task.prompt,
        tuple(task.responses),
        external_id=optional_text(data, "external_id") or optional_text(row, "id"),
        group=optional_text(data, "group"),
        gold=gold,
        votes=tuple(votes),
        answers=tuple(answers),
        media=file_names(data.get("source"), "source"),
        criteria=tuple(objects(rubric, "criteria")),
        metadata={
            **rest(data, taken | ({"criteria"} if rubric else set())),
            **own_metadata,
            **{name: value for name, value in found.items() if value},
        },
    )


def _rater(annotation: Mapping[str, Any]) -> str:
    by = annotation.get("completed_by")
    if isinstance(by, dict):
        by = by.get("email") or by.get("username") or by.get("id")
    return optional_text({"completed_by": by}, "completed_by") or "unknown"


def _records(task: Task, results: Sequence[Mapping[str, Any]]) -> Iterator[Record]:
    """What the results of one annotation say; those of one region share an id."""
    regions: dict[str, dict[str, Any]] = {}
    areas = {str(one.get("from_name")) for one in results if one.get("type") == "textarea"}
    for one in results:
        parts = str(one.get("from_name", "")).split(":")
        if len(parts) > 2 and parts[1] in ("severity", "explanation", "correction"):
            value = table_dict(one.get("value"), "value")
            words = value.get("choices") or value.get("text") or [""]
            regions.setdefault(str(one.get("id")), {})[parts[1]] = str(words[0] if isinstance(words, list) else words)
        elif len(parts) > 2 and parts[-1] == "strength":
            stars = table_dict(one.get("value"), "value").get("rating")
            regions.setdefault(":".join(parts[:-1]), {})["strength"] = (stars, table_dict(one.get("meta"), "meta"))
    for one in results:
        parts = str(one.get("from_name", "")).split(":")
        if len(parts) > 2 and (parts[1] in ("severity", "explanation", "correction") or parts[-1] == "strength"):
            continue
        kind = str(one.get("type", "")).lower()
        read = _READERS.get(kind)
        if read is None:
            task.unread[kind or "untyped"] += 1
            continue
        about = regions.get(str(one.get("id")), {}) | regions.get(str(one.get("from_name")), {})
        yield from read(task, _Result(one, parts, about, len(areas)))


class _Result:
    """One result with what its control's name says."""

    def __init__(self, given: Mapping[str, Any], parts: list[str], about: Mapping[str, Any], areas: int) -> None:
        self.ours = len(parts) > 2
        self.name = ":".join(parts)
        self.parts, self.about, self.areas = parts, about, areas
        self.value = table_dict(given.get("value"), f"value of {self.name}")
        self.meta = table_dict(given.get("meta"), f"meta of {self.name}")
        self.to_name = str(given.get("to_name", ""))
        self.question = parts[0] if self.ours else ""
        self.dimension = parts[1] if self.ours and parts[1] != "overall" else ""

    def source(self, dimension: str | None = None) -> dict[str, Any]:
        said = self.dimension if dimension is None else dimension
        return {**LOOSE, "question": self.question, "dimension": said}

    def response(self, task: Task) -> str:
        place = task.place(self.to_name)
        return "" if place is None else str(place)

    def words(self, name: str) -> list[str]:
        given = self.value.get(name)
        words = [given] if isinstance(given, str) else given
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise RowError(f"{name} of {clip(self.name)} is {clip(given)}; texts are expected.")
        return words

    def fraction(self, name: str) -> float:
        """A percentage as a fraction of the picture; what lies over its edge by rounding is cut."""
        value = number(self.value, name)
        if value is None or not -1 <= value <= 101:
            raise RowError(f"{name} of {clip(self.name)} is {clip(self.value.get(name))}; a percentage is expected.")
        return min(1.0, max(0.0, value / 100))


def _pairwise(task: Task, result: _Result) -> Iterator[Record]:
    selected = result.value.get("selected")
    if selected not in ("left", "right") or len(task.responses) < 2:
        raise RowError(f"selected of {clip(result.name)} is {clip(selected)}; left or right of two is expected.")
    a, b = result.parts[2:4] if len(result.parts) > 3 else ("0", "1")
    stars, meta = result.about.get("strength", (1, {}))
    strength, scale = _whole(stars, "strength"), _whole(meta.get("scale", stars), "scale")
    yield Preference(
        **result.source(), a=a, b=b, outcome="a" if selected == "left" else "b", strength=strength, scale=scale
    )


def _whole(value: Any, name: str) -> int:
    if type(value) is not int:
        raise RowError(f"{name} is {clip(value)}; a whole number is expected.")
    return value


def _choices(task: Task, result: _Result) -> Iterator[Record]:
    words = result.words("choices")
    response = result.response(task)
    first = words[0].strip().lower() if words else ""
    if result.ours and first in ("met", "unmet", "na") and "points" in result.meta:
        met = {"met": True, "unmet": False}.get(first)
        points = number(result.meta, "points") or 0
        yield Check(**result.source(""), response=response, criterion=result.parts[1], met=met, points=points)
    elif len(words) == 1 and response and first in VERDICTS:
        yield Verdict(**result.source(), response=response, good=VERDICTS[first])
    elif len(words) == 1 and not response and len(task.responses) == 2 and first.replace(" ", "_") in WORDS:
        outcome: Any = WORDS[first.replace(" ", "_")]
        yield Preference(**result.source(), a="0", b="1", outcome=outcome, strength=int(outcome in ("a", "b")))
    else:
        yield from _words(task, result, words, result.name)


def _taxonomy(task: Task, result: _Result) -> Iterator[Record]:
    paths = result.value.get("taxonomy")
    if not isinstance(paths, list) or not all(isinstance(path, list) for path in paths):
        raise RowError(f"taxonomy of {clip(result.name)} is {clip(paths)}; lists of texts are expected.")
    yield from _words(task, result, [" > ".join(map(str, path)) for path in paths], result.name)


def _textarea(task: Task, result: _Result) -> Iterator[Record]:
    words = [word for word in result.words("text") if word.strip()]
    if result.ours and result.parts[1] == "revision":
        for word in words:
            yield Revision(**result.source(""), response=result.response(task), text=word)
    else:
        aspect = result.dimension if result.ours else result.name if result.areas > 1 else ""
        yield from _words(task, result, ["\n\n".join(words)] if words else [], aspect)


def _words(task: Task, result: _Result, words: Sequence[str], aspect: str) -> Iterator[Record]:
    for word in words:
        yield Critique(**result.source(""), response=result.response(task), text=word, aspect=aspect)


def _rating(task: Task, result: _Result) -> Iterator[Record]:
    name = "rating" if "rating" in result.value else "number"
    value = number(result.value, name)
    low, high = number(result.meta, "low"), number(result.meta, "high")
    if low is None or high is None:
        if name == "number":
            task.unread["number"] += 1  # nothing says how long its scale is
            return
        low, high = 1, 5 if value is None or value <= 5 else 10
    if value is None or not low <= value <= high:
        raise RowError(f"{name} of {clip(result.name)} is {clip(value)}; {low:g} to {high:g} is expected.")
    response = result.response(task)
    if response:
        yield Rating(**result.source(), response=response, value=value, low=low, high=high)
    else:
        task.unread["rating of no response"] += 1


def _ranker(task: Task, result: _Result) -> Iterator[Record]:
    """Buckets from best to worst in their order, or by the number that their name ends in; one bucket is an order."""
    buckets = result.value.get("ranker")
    if isinstance(buckets, list):
        buckets = {result.name: buckets}
    if not isinstance(buckets, dict) or not all(isinstance(held, list) for held in buckets.values()):
        raise RowError(f"ranker of {clip(result.name)} is {clip(buckets)}; lists of ids are expected.")
    held = {name: [str(one) for one in ids] for name, ids in buckets.items() if name != "_" and ids}
    if unknown := [one for ids in held.values() for one in ids if one not in task.places]:
        raise RowError(f"The ranking names {clip(unknown[0])}, which is no item of the task.")
    numbered = all(re.search(r"\d+$", name) for name in held) and len(held) > 1
    order = sorted(held, key=lambda name: int(re.search(r"\d+$", name)[0])) if numbered else [*held]  # type: ignore[index]
    strict = len(buckets) == 1 and not re.search(r"-\d+$", order[0] if order else "")
    groups = [[one] for one in held[order[0]]] if strict and order else [held[name] for name in order]
    ranks = {str(task.places[one]): rank for rank, group in enumerate(groups, 1) for one in group}
    if ranks:
        yield Ranking(**result.source(), ranks=ranks)


def _labels(task: Task, result: _Result) -> Iterator[Record]:
    response = result.response(task)
    value, labels = result.value, result.words("labels")
    place = int(response) if response else -1
    if place in task.sounds:
        begin, finish = number(value, "start"), number(value, "end")
        if begin is None or finish is None or not 0 <= begin <= finish:
            raise RowError(f"A stretch from {clip(value.get('start'))} to {clip(value.get('end'))} is none.")
        for label in labels:
            explanation = result.about.get("explanation", "")
            yield TimeRange(
                **result.source(),
                response=response,
                begin=begin,
                finish=finish,
                category=label,
                explanation=explanation,
            )
        return
    offsets: Any = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), dict) else value
    if place < 0 or not all(type(offsets.get(name)) is int for name in ("start", "end")):
        task.unread["labels"] += 1
        return
    text = task.responses[place].text
    start, end = _offsets(text, offsets["start"], offsets["end"], value.get("text"))
    if not 0 <= start < end <= len(text):
        raise RowError(f"The span from {start} to {end} lies outside its text of {len(text)} characters.")
    about = {name: result.about.get(name, "") for name in ("severity", "explanation", "correction")}
    for label in labels:
        yield Span(**result.source(), response=response, start=start, end=end, category=label, **about)


def _offsets(text: str, start: int, end: int, marked: Any) -> tuple[int, int]:
    """Code points; UTF-16 units, as older versions wrote them, are known by the words that they mark."""
    if not isinstance(marked, str) or text[start:end] == marked or text.isascii():
        return start, end
    units = text.encode("utf-16-le")
    first, both = (units[: 2 * place].decode("utf-16-le", "ignore") for place in (start, end))
    return (len(first), len(both)) if text[len(first) : len(both)] == marked else (start, end)


def _box(task: Task, result: _Result) -> Iterator[Record]:
    if number(result.value, "rotation"):
        task.unread["rotated box"] += 1
        return
    x, y = result.fraction("x"), result.fraction("y")
    far = min(1.0, x + result.fraction("width")), min(1.0, y + result.fraction("height"))
    yield from _regions(task, result, "box", (x, y, *far), result.words("rectanglelabels"))


def _polygon(task: Task, result: _Result) -> Iterator[Record]:
    points = result.value.get("points")
    if not isinstance(points, list) or len(points) < 3:
        raise RowError(f"points of {clip(result.name)} are {clip(points)}; three or more are expected.")
    flat = []
    for point in points:
        if not isinstance(point, list | tuple) or len(point) != 2:
            raise RowError(f"A point of {clip(result.name)} is {clip(point)}; two percentages are expected.")
        pair = dict(zip("xy", point, strict=True))
        flat += [_Result({"value": pair}, result.parts, {}, 0).fraction(name) for name in "xy"]
    yield from _regions(task, result, "polygon", tuple(flat), result.words("polygonlabels"))


def _regions(
    task: Task, result: _Result, shape: str, points: tuple[float, ...], labels: Sequence[str]
) -> Iterator[Record]:
    about = {name: result.about.get(name, "") for name in ("severity", "explanation")}
    response = "" if result.to_name == "source" else result.response(task)
    for label in labels:
        yield Region(**result.source(""), response=response, shape=shape, points_xy=points, category=label, **about)


_READERS = {
    "pairwise": _pairwise, "choices": _choices, "taxonomy": _taxonomy, "textarea": _textarea, "rating": _rating,
    "number": _rating, "ranker": _ranker, "labels": _labels, "rectanglelabels": _box, "polygonlabels": _polygon,
}  # fmt: skip


# Writing


def export_item(
    parsed: Parsed, questions: list[dict[str, Any]], options: Mapping[str, Any], left_out: Counter[str]
) -> dict[str, Any] | None:
    """One task with the annotations of all raters."""
    if len(parsed.responses) > options["responses"]:
        left_out["too_many_responses"] += 1
        return None
    known = {question["name"]: question for question in questions}
    data: dict[str, Any] = {
        "external_id": parsed.external_id,
        "group": parsed.group,
        "prompt": "\n\n".join(message["content"] for message in parsed.prompt),
        "items": [
            {"id": str(place), "title": f"Response {place + 1}", "body": one.text, "media": list(one.media)}
            | ({"model": one.model} if one.model else {})
            for place, one in enumerate(parsed.responses)
        ],
        "metadata": dict(parsed.metadata),
    }
    if parsed.criteria:
        data["criteria"] = list(parsed.criteria)
    if len(parsed.prompt) != 1 or parsed.prompt[0]["role"] != "user":
        data["messages"] = parsed.prompt
    for place in range(options["responses"]):
        shown = parsed.responses[place] if place < len(parsed.responses) else ParsedResponse("")
        data[f"response_{place}"] = shown.text
        if options["pictures"]:
            data[f"picture_{place}"] = shown.media[0] if shown.media else ""
    if parsed.media or options["pictures"]:
        data["source"] = parsed.media[0] if parsed.media else ""
    raters = sorted({told.rater for told in parsed.answers})
    annotations = []
    for number_, rater in enumerate(raters, 1):
        own = [told for told in parsed.answers if told.rater == rater]
        records = [record for told in own for record in told.records]
        results = [made for record in records for made in _results(record, known, options, left_out)]
        if results:
            annotations.append(
                {
                    "completed_by": {"id": number_, "email": rater},
                    "was_cancelled": False,
                    "ground_truth": False,
                    "lead_time": sum(told.seconds or 0 for told in own) or None,
                    "result": results,
                }
                | ({"created_at": own[-1].submitted_at} if own[-1].submitted_at else {})
            )
    return {"data": data, "annotations": annotations, "predictions": []}


def _results(
    record: Record, questions: Mapping[str, Any], options: Mapping[str, Any], left_out: Counter[str]
) -> list[dict[str, Any]]:
    """One record as results; several where it says more than one control can."""
    if record.question not in questions:
        left_out["no_question"] += 1
        return []
    write = _WRITERS.get(type(record))
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


def _said_preference(record: Preference, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
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
        stars = {"rating": record.strength}
        made.append(_result(f"{name}:strength", "prompt", "rating", stars, meta={"scale": record.scale}))
    return made


def _said_ranking(record: Ranking, question: Mapping[str, Any]) -> list[dict[str, Any]]:
    order = sorted(set(record.ranks.values()))
    buckets = {
        f"rank-{place}": [key for key, own in record.ranks.items() if own == rank]
        for place, rank in enumerate(order, 1)
    }
    return [_result(f"{question['name']}:overall:all", "responses", "ranker", {"ranker": buckets})]


def _said_rating(record: Rating, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    name = f"{question['name']}:{record.dimension or 'overall'}:{record.response}"
    meta = {"low": record.low, "high": record.high}
    if not _stars(question["settings"]):
        value = {"number": record.value}
        return [_result(name, f"response_{record.response}", "number", value, meta=meta)]
    if record.value != int(record.value) or (record.low, record.high) != (1, question["settings"].get("high", 5)):
        return "scale"
    return [_result(name, f"response_{record.response}", "rating", {"rating": int(record.value)}, meta=meta)]


def _stars(settings: Mapping[str, Any]) -> bool:
    """Whether stars say what the question asks: whole numbers from 1, and not too many."""
    own = settings.get("levels") or settings.get("item_levels")
    return settings.get("low", 1) == 1 and settings.get("step", 1) == 1 and settings.get("high", 5) <= 10 and not own


def _said_verdict(record: Verdict, question: Mapping[str, Any]) -> list[dict[str, Any]]:
    name, to_name = f"{question['name']}:overall:{record.response}", f"response_{record.response}"
    return [_result(name, to_name, "choices", {"choices": ["good" if record.good else "bad"]})]


def _said_check(record: Check, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    if record.credit is not None:
        return "credit"
    if record.criterion not in {one["name"] for one in question["settings"].get("criteria", ())}:
        return record.name  # a criterion of the item's own, or a rating that does not apply
    name, to_name = f"{question['name']}:{record.criterion}:{record.response}", f"response_{record.response}"
    said = "na" if record.met is None else "met" if record.met else "unmet"
    return [_result(name, to_name, "choices", {"choices": [said]}, meta={"points": record.points})]


def _said_critique(record: Critique, question: Mapping[str, Any]) -> list[dict[str, Any]]:
    name = f"{question['name']}:{record.aspect or 'overall'}:{record.response or 'all'}"
    to_name = f"response_{record.response}" if record.response else "prompt"
    return [_result(name, to_name, "textarea", {"text": [record.text]})]


def _said_revision(record: Revision, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    if not record.text:
        return "nothing_to_correct"
    name, to_name = f"{question['name']}:revision:{record.response}", f"response_{record.response}"
    return [_result(name, to_name, "textarea", {"text": [record.text]})]


def _said_span(record: Span, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
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


def _said_region(record: Region, question: Mapping[str, Any]) -> list[dict[str, Any]] | str:
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


_WRITERS: dict[type[Record], Any] = {
    Preference: _said_preference, Ranking: _said_ranking, Rating: _said_rating, Verdict: _said_verdict,
    Check: _said_check, Critique: _said_critique, Revision: _said_revision, Span: _said_span, Region: _said_region,
}  # fmt: skip


def files(questions: list[dict[str, Any]], options: Mapping[str, Any]) -> dict[str, str]:
    """label_config.xml: what is shown, then the controls of every question."""
    view = ElementTree.Element("View")
    places = range(options["responses"])
    _tag(view, "Text", name="prompt", value="$prompt")
    for place in places:
        _tag(view, "Text", name=f"response_{place}", value=f"$response_{place}")
    if options["pictures"]:
        _tag(view, "Image", name="source", value="$source")
        for place in places:
            _tag(view, "Image", name=f"picture_{place}", value=f"$picture_{place}")
    if any(question["kind"] == "ranking" for question in questions):
        _tag(view, "List", name="responses", value="$items", title="Responses")
    for question in questions:
        _tag(view, "Header", value=question["title"])
        _controls(view, question, options)
    ElementTree.indent(view)
    return {"label_config.xml": ElementTree.tostring(view, encoding="unicode") + "\n"}


def _controls(view: ElementTree.Element, question: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    name, kind, settings = question["name"], question["kind"], question["settings"]
    places = range(options["responses"])
    rows = [row["name"] for row in settings.get("dimensions", ())] or ["overall"]
    if kind == "pairwise":
        steps = len(settings.get("labels", ["better"]))
        for row in rows:
            for a, b in combinations(places, 2):
                own = f"{name}:{row}:{a}:{b}"
                _tag(view, "Pairwise", name=own, toName=f"response_{a},response_{b}")
                if steps > 1:
                    _tag(view, "Rating", name=f"{own}:strength", toName="prompt", maxRating=str(steps))
    elif kind == "ranking":
        ranker = _tag(view, "Ranker", name=f"{name}:overall:all", toName="responses")
        for place in places:
            _tag(ranker, "Bucket", name=f"rank-{place + 1}", title=str(place + 1))
    elif kind == "critique" and settings.get("about", "each") == "overall":
        for aspect in _named(settings, "aspects") or ["overall"]:
            _tag(view, "TextArea", name=f"{name}:{aspect}:all", toName="prompt")
    else:
        for place in places:
            _control(view, name, kind, settings, rows, str(place), f"response_{place}", f"picture_{place}", options)
        if kind == "region" and options["pictures"]:
            _control(view, name, kind, settings, rows, "source", "source", "source", options)


def _control(
    view: ElementTree.Element,
    name: str,
    kind: str,
    settings: Mapping[str, Any],
    rows: Sequence[str],
    end: str,
    text: str,
    picture: str,
    options: Mapping[str, Any],
) -> None:
    """The controls of one question on one response."""
    if kind == "rating":
        for row in rows:
            if _stars(settings):
                _tag(view, "Rating", name=f"{name}:{row}:{end}", toName=text, maxRating=str(settings.get("high", 5)))
            else:
                _tag(view, "Number", name=f"{name}:{row}:{end}", toName=text)
    elif kind == "binary":
        _choice(view, f"{name}:overall:{end}", text, ("good", "bad"))
    elif kind == "rubric":
        for criterion in _named(settings, "criteria"):
            _choice(view, f"{name}:{criterion}:{end}", text, ("met", "unmet", "na"))
    elif kind == "critique":
        for aspect in _named(settings, "aspects") or ["overall"]:
            _tag(view, "TextArea", name=f"{name}:{aspect}:{end}", toName=text)
    elif kind == "revision":
        _tag(view, "TextArea", name=f"{name}:revision:{end}", toName=text, value=f"${text}")
    elif kind == "span":
        _marks(view, "Labels", f"{name}:overall:{end}", text, settings)
        _about(view, name, end, text, settings)
        if settings.get("correction"):
            _tag(view, "TextArea", name=f"{name}:correction:{end}", toName=text, perRegion="true")
    elif kind == "region" and options["pictures"]:
        _marks(view, "RectangleLabels", f"{name}:box:{end}", picture, settings)
        _marks(view, "PolygonLabels", f"{name}:polygon:{end}", picture, settings)
        _about(view, name, end, picture, settings)


def _about(view: ElementTree.Element, name: str, end: str, to_name: str, settings: Mapping[str, Any]) -> None:
    if severities := _named(settings, "severities"):
        _choice(view, f"{name}:severity:{end}", to_name, severities, perRegion="true")
    if settings.get("explanation"):
        _tag(view, "TextArea", name=f"{name}:explanation:{end}", toName=to_name, perRegion="true")


def _marks(view: ElementTree.Element, tag: str, name: str, to_name: str, settings: Mapping[str, Any]) -> None:
    labels = _tag(view, tag, name=name, toName=to_name)
    for category in _named(settings, "categories"):
        _tag(labels, "Label", value=category)


def _choice(view: ElementTree.Element, name: str, to_name: str, words: Sequence[str], **more: str) -> None:
    choices = _tag(view, "Choices", name=name, toName=to_name, choice="single", **more)
    for word in words:
        _tag(choices, "Choice", value=word)


def _named(settings: Mapping[str, Any], name: str) -> list[str]:
    return [entry["name"] for entry in settings.get(name, ())]


def _tag(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, tag, attributes)
