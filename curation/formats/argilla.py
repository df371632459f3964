"""Argilla: records with the answers of its users, as its server's API or its SDK gives them; and a project as both.

    {"id": "…", "external_id": "q1", "fields": {"prompt": "…", "response_0": "…", "response_1": "…"}, "metadata": {},
     "responses": [{"user_id": "…", "status": "submitted", "values": {"better": {"value": "response_0"}}}],
     "suggestions": [{"question_name": "better", "value": "response_0", "agent": "m-1"}]}          the server's API
    {"fields": {…}, "responses": {"better": [{"value": "response_0", "user_id": "…"}]}, "suggestions": {"better":
     {"value": "response_0", "agent": "m-1"}}}                                                      SDK, JSON on the hub
    {"prompt": "…", "response_0": "…", "better.responses": ["response_0"], "better.responses.users": ["…"]}   datasets

The server keeps the ranks of a ranking, ties and null ranks among them ([{"value": "response_0", "rank": 1}, …]). The
SDK and what it pushes to the hub keep the order alone, so it is read as strict, and the item's metadata name the
questions that lost their ranks (``ranks_lost``). Discarded responses and drafts do not count. A record does not say
how long a rating's scale is: 1 to 5 is taken, from 0 or to 10 where the value needs it, unless our own export said so.

Written: records.jsonl, a line for each of the ``items`` of ``POST /api/v1/datasets/{id}/records/bulk``, and
settings.json with fields and questions. What Argilla has no place for goes into the record's metadata as JSON text
(``touchstone``): scales, points, raters' names and seconds. Not sayable, and counted: media, regions, time ranges, step
labels, severities and notes of a span, ratings that are no whole numbers from 0 to 10.

Source: argilla-server/src/argilla_server/api/schemas/v1 (records, responses, questions) of
https://github.com/argilla-io/argilla, read. Names of questions are lower case there.
"""

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotate.records import Check, Critique, Preference, Ranking, Rating, Record, Revision, Span, Verdict
from curation.formats import Parsed, ParsedAnswer, ParsedVote, RowError, clip
from curation.formats._answers import LOOSE, table_dict
from curation.formats._fields import number, objects, optional_text, rest, structure
from curation.formats._found import SHOWN, VERDICTS, WORDS, Task, named, parted
from curation.formats._found import task as find_task

TITLE = "Argilla"
SUMMARY = (
    "Records of Argilla's server or SDK with its users' answers; a project as records and settings for its server."
)
ITEMS_FILE = "records.jsonl"
EXAMPLE = {
    "id": "0c8e",
    "external_id": "q1",
    "fields": {"prompt": "Name a river.", "response_0": "The Elbe.", "response_1": "Rome."},
    "metadata": {"topic": "geography"},
    "responses": [
        {
            "user_id": "u-1",
            "status": "submitted",
            "values": {
                "order": {"value": [{"value": "response_0", "rank": 1}, {"value": "response_1", "rank": 1}]},
                "better": {"value": "response_0"},
            },
        }
    ],
}
OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"responses": SHOWN},
}
LEFT_OUT = {
    "too_many_responses": "The item has more responses than the settings have fields for.",
    "media": "The item or a response has files; its fields are text.",
    "scale": "A rating that is no whole number from 0 to 10, or on another scale than the question's.",
    "credit": "A criterion that is met in part.",
    "span_note": "A note on a response as a whole, such as what is missing from it.",
    "about_a_span": "Severity, explanation or correction of a span, whose place and label are kept.",
    "no_question": "An answer to a question that the form does not ask.",
}  # and by the name of their record, those that Argilla has no question for

_CHOICE = re.compile(r"(.+?)_by_(\d+)_of_(\d+)")
_OWN = re.compile(r"(\d+|all)(-\d+)?")
_SPACE = uuid.UUID("6f0f4b8e-6f0a-4a4c-9f7c-0d7a3a1f5f5e")  # of the ids that raters get in a record


def parse(row: Mapping[str, Any]) -> Parsed:
    """One record with all submitted responses, and suggestions as the answers of their agent."""
    columns = _columns(row) if "fields" not in row else row
    given = table_dict(columns.get("fields"), "fields")
    fields = {name: value for name, value in given.items() if value is not None}  # those that are left empty
    metadata = table_dict(columns.get("metadata"), "metadata")
    kept = _kept(metadata)
    if "prompt" in kept:
        fields = {**fields, "prompt": kept["prompt"]}
    task = find_task(fields)
    notes: Counter[str] = Counter()
    lost: list[str] = []
    votes: list[ParsedVote] = []
    answers: list[ParsedAnswer] = []
    for rater, is_model, values in (*_answered(columns, notes), *_suggested(columns, notes)):
        name = optional_text(table_dict(kept.get("raters"), "raters"), rater) or rater
        records = [
            record
            for question, value in values.items()
            for record in _records(task, _Asked(question, kept), value, lost)
        ]
        seconds = number(table_dict(kept.get("seconds"), "seconds"), rater)
        kind = "language_model" if is_model else "import"
        own, others = parted(records, name, rater_kind=kind, seconds=seconds)
        votes += own
        answers += others
    found = {"ranks_lost": sorted({*lost}), "unread": dict(task.unread), **notes}
    return Parsed(
        task.prompt,
        tuple(task.responses),
        external_id=optional_text(columns, "external_id") or optional_text(columns, "id"),
        group=optional_text(kept, "group"),
        votes=tuple(votes),
        answers=tuple(answers),
        metadata={
            **rest(fields, task.used),
            **{name: value for name, value in metadata.items() if name != "touchstone"},
            **{name: value for name, value in found.items() if value},
        },
    )


def _kept(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What our own export put into the metadata."""
    return table_dict(metadata.get("touchstone"), "touchstone in metadata")


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a dataset on the hub in the shape of the SDK: answers in columns with a dot in their names."""
    questions = [name.removesuffix(".responses") for name in row if name.endswith(".responses")]
    responses: dict[str, list[dict[str, Any]]] = {}
    suggestions: dict[str, dict[str, Any]] = {}
    for question in questions:
        values = row[f"{question}.responses"] or []
        users, statuses = (row.get(f"{question}.responses.{part}") or [] for part in ("users", "status"))
        if not all(isinstance(part, list) for part in (values, users, statuses)):
            raise RowError(f"{question}.responses is {clip(values)}; lists of values, users and status are expected.")
        responses[question] = [
            {"value": value, "user_id": users[at] if at < len(users) else None}
            for at, value in enumerate(values)
            if not statuses or at >= len(statuses) or statuses[at] == "submitted"
        ]
        if row.get(f"{question}.suggestion") is not None:
            agent = row.get(f"{question}.suggestion.agent")
            suggestions[question] = {"value": row[f"{question}.suggestion"], "agent": agent}
    own = {name: value for name, value in row.items() if "." not in name and name not in ("id", "status", "_server_id")}
    return {"id": row.get("id"), "fields": own, "responses": responses, "suggestions": suggestions}


def _answered(row: Mapping[str, Any], notes: Counter[str]) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    """Each user's values by question."""
    given = structure(row.get("responses"), "responses")
    if isinstance(given, dict):  # the SDK: by question
        by_user: dict[str, dict[str, Any]] = {}
        for question, told in given.items():
            for one in objects(told, f"responses to {question}"):
                by_user.setdefault(optional_text(one, "user_id") or "unknown", {})[question] = one.get("value")
        yield from ((user, False, values) for user, values in by_user.items())
        return
    for one in objects(given, "responses"):
        if one.get("status") not in (None, "submitted"):
            notes[str(one["status"])[:20]] += 1
            continue
        values = table_dict(one.get("values"), "values of a response")
        told = {name: table_dict(value, f"value of {name}").get("value") for name, value in values.items()}
        yield optional_text(one, "user_id") or "unknown", False, told


def _suggested(row: Mapping[str, Any], notes: Counter[str]) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    given = structure(row.get("suggestions"), "suggestions")
    if isinstance(given, dict):
        told = [{**table_dict(value, f"suggestion for {name}"), "question_name": name} for name, value in given.items()]
    else:
        told = objects(given, "suggestions")
    by_agent: dict[str, dict[str, Any]] = {}
    for one in told:
        if not isinstance(one.get("question_name"), str):
            notes["suggestions_without_question"] += 1  # the server names the question by an id alone
        elif one.get("value") is not None:
            agent = optional_text(one, "agent") or "suggestion"
            by_agent.setdefault(agent, {})[one["question_name"]] = one["value"]
    yield from ((agent, True, values) for agent, values in by_agent.items())


class _Asked:
    """A question by its name, which says what it is about where we wrote it: question--dimension--response."""

    def __init__(self, name: str, kept: Mapping[str, Any]) -> None:
        parts = name.split("--")
        self.name = name
        self.ours = len(parts) == 3 and bool(_OWN.fullmatch(parts[2]))
        self.question = parts[0] if self.ours else ""
        self.part = parts[1] if self.ours else ""
        self.about = parts[2] if self.ours else ""
        self.scale = table_dict(kept.get("scales"), "scales").get(name)
        self.points = table_dict(kept.get("points"), "points").get(name)

    def source(self, dimension: str = "") -> dict[str, Any]:
        return {**LOOSE, "question": self.question, "dimension": "" if dimension == "overall" else dimension}

    def response(self, task: Task) -> str:
        """The response that the question is about, "" for all."""
        place = int(self.about) if self.about.isdigit() else None if self.ours else task.place(self.name)
        if place is not None and place >= len(task.responses):
            raise RowError(f"{clip(self.name)} is about a response that the record does not have.")
        return "" if place is None else str(place)


def _records(task: Task, asked: _Asked, value: Any, lost: list[str]) -> Iterator[Record]:
    if value is None or value == [] or value == "":
        return
    if isinstance(value, bool) or not isinstance(value, str | int | float | list):
        raise RowError(f"The answer to {clip(asked.name)} is {clip(value)}; text, a number or a list is expected.")
    if isinstance(value, str):
        yield from _said(task, asked, value)
    elif not isinstance(value, list):
        yield from _rated(task, asked, value)
    elif all(isinstance(one, dict) and "label" in one for one in value):
        yield from _marked(task, asked, value)
    elif all(isinstance(one, dict) and "value" in one for one in value):
        yield from _ranked(task, asked, [(one["value"], one.get("rank")) for one in value])
    elif all(isinstance(one, str) for one in value):
        if len(value) > 1 and all(one in task.places for one in value):
            lost.append(asked.name)
            yield from _ranked(task, asked, [(one, rank) for rank, one in enumerate(value, 1)])
        else:
            for one in value:
                response = asked.response(task)
                yield Critique(**asked.source(), response=response, text=one, aspect=asked.name)
    else:
        raise RowError(f"The answer to {clip(asked.name)} is {clip(value)}, which no question of Argilla takes.")


def _said(task: Task, asked: _Asked, value: str) -> Iterator[Record]:
    """A label, or words."""
    response = asked.response(task)
    word = value.strip().lower().replace(" ", "_")
    by = _CHOICE.fullmatch(value)
    chosen = by[1] if by else value
    pair = asked.about.split("-") if "-" in asked.about else ["0", "1"]
    outcome: Any = WORDS.get(word) if len(task.responses) >= 2 and not response else None
    if chosen in task.places and len(task.responses) >= 2:
        place = str(task.places[chosen])
        outcome = dict(zip(pair, "ab", strict=False)).get(place)
    if outcome:
        a, b = pair
        strength, scale = (int(by[2]), int(by[3])) if by else (int(outcome in ("a", "b")), 1)
        yield Preference(**asked.source(asked.part), a=a, b=b, outcome=outcome, strength=strength, scale=scale)
    elif word in ("met", "unmet", "na") and asked.points is not None:
        met = {"met": True, "unmet": False}.get(word)
        yield Check(**asked.source(), response=response, criterion=asked.part, met=met, points=float(asked.points))
    elif response and word in VERDICTS:
        yield Verdict(**asked.source(asked.part), response=response, good=VERDICTS[word])
    elif asked.part == "revision" and response:
        yield Revision(**asked.source(), response=response, text=value)
    elif value.strip():
        aspect = "" if asked.part == "overall" else asked.part or asked.name
        yield Critique(**asked.source(), response=response, text=value, aspect=aspect)


def _rated(task: Task, asked: _Asked, value: float) -> Iterator[Record]:
    response = asked.response(task)
    scale = asked.scale if isinstance(asked.scale, list) else []
    whole = [bound for bound in scale if isinstance(bound, int | float)]
    low, high = whole if len(whole) == 2 else (min(1, value), 5 if value <= 5 else 10)
    if not low <= value <= high or value < 0:
        raise RowError(f"The answer to {clip(asked.name)} is {clip(value)}; a rating from {low} to {high} is expected.")
    if not response:
        task.unread["rating of no response"] += 1
        return
    yield Rating(**asked.source(asked.part), response=response, value=value, low=low, high=high)


def _ranked(task: Task, asked: _Asked, given: Sequence[tuple[Any, Any]]) -> Iterator[Record]:
    ranks = {}
    for name, rank in given:
        place = task.place(str(name)) if str(name) not in task.places else task.places[str(name)]
        if place is None:
            raise RowError(f"The ranking {clip(asked.name)} names {clip(name)}, which is no response of the record.")
        if rank is not None:
            if type(rank) is not int or rank < 1:
                raise RowError(f"A rank of {clip(asked.name)} is {clip(rank)}; whole numbers from 1 are expected.")
            ranks[str(place)] = rank
    if ranks:
        yield Ranking(**asked.source(asked.part), ranks=ranks)


def _marked(task: Task, asked: _Asked, given: Sequence[Mapping[str, Any]]) -> Iterator[Record]:
    response = asked.response(task)
    if not response:
        task.unread["span of no response"] += len(given)
        return
    length = len(task.responses[int(response)].text)
    for one in given:
        start, end = one.get("start"), one.get("end")
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
            raise RowError(f"The span from {clip(start)} to {clip(end)} lies outside its text of {length} characters.")
        yield Span(**asked.source(asked.part), response=response, start=start, end=end, category=str(one["label"]))


# Writing


def export_item(
    parsed: Parsed, questions: list[dict[str, Any]], options: Mapping[str, Any], left_out: Counter[str]
) -> dict[str, Any] | None:
    """One record with the submitted responses of all raters."""
    if parsed.media or any(response.media for response in parsed.responses):
        left_out["media"] += 1
        return None
    if len(parsed.responses) > options["responses"]:
        left_out["too_many_responses"] += 1
        return None
    known = {question["name"]: question for question in questions}
    kept: dict[str, Any] = {"raters": {}, "seconds": {}, "scales": {}, "points": {}, "group": parsed.group}
    responses = []
    for rater in sorted({told.rater for told in parsed.answers}):
        values: dict[str, Any] = {}
        for record in (record for told in parsed.answers if told.rater == rater for record in told.records):
            _write(record, known, values, kept, left_out)
        if values:
            identifier = str(uuid.uuid5(_SPACE, rater))
            kept["raters"][identifier] = rater
            if seconds := sum(told.seconds or 0 for told in parsed.answers if told.rater == rater):
                kept["seconds"][identifier] = seconds
            told_values = {name: {"value": value} for name, value in values.items()}
            responses.append({"user_id": identifier, "status": "submitted", "values": told_values})
    if len(parsed.prompt) != 1 or parsed.prompt[0]["role"] != "user":
        kept["prompt"] = parsed.prompt
    fields: dict[str, str | None] = {"prompt": "\n\n".join(message["content"] for message in parsed.prompt)}
    for place in range(options["responses"]):
        fields[f"response_{place}"] = parsed.responses[place].text if place < len(parsed.responses) else None
    kept = {name: value for name, value in kept.items() if value}
    plain = {name: value for name, value in parsed.metadata.items() if isinstance(value, str | int | float)}
    return {
        "external_id": parsed.external_id,
        "fields": fields,
        "metadata": plain | ({"touchstone": json.dumps(kept, ensure_ascii=False, sort_keys=True)} if kept else {}),
        "responses": responses,
        "suggestions": [],
    }


def _write(
    record: Record, known: Mapping[str, Any], values: dict[str, Any], kept: dict[str, Any], left_out: Counter[str]
) -> None:
    """Put one record among the values of its rater."""
    if record.question not in known:
        left_out["no_question"] += 1
        return
    write = _WRITERS.get(type(record))
    said = record.name if write is None else write(record, known[record.question]["settings"])
    if isinstance(said, str):
        left_out[said] += 1
        return
    part, about, value = said
    name = _name(record.question, part, about)
    if isinstance(record, Span):  # all marks of a response are one answer
        values.setdefault(name, []).extend([value] if record.category else [])
        left_out["about_a_span"] += bool(record.severity or record.explanation or record.correction)
        return
    values[name] = value
    if isinstance(record, Rating):
        kept["scales"][name] = [record.low, record.high]
    elif isinstance(record, Check):
        kept["points"][name] = record.points


Said = tuple[str, str, Any] | str  # part and subject of the question, and its value; or why it cannot be said


def _said_preference(record: Preference, settings: Mapping[str, Any]) -> Said:
    a, b = sorted((record.a, record.b), key=int)
    chosen = {"a": f"response_{record.a}", "b": f"response_{record.b}"}.get(record.outcome, record.outcome)
    steps = f"_by_{record.strength}_of_{record.scale}" if record.scale > 1 and record.strength else ""
    return record.dimension or "overall", f"{a}-{b}", chosen + steps


def _said_ranking(record: Ranking, settings: Mapping[str, Any]) -> Said:
    return "overall", "all", [{"value": f"response_{key}", "rank": rank} for key, rank in record.ranks.items()]


def _said_rating(record: Rating, settings: Mapping[str, Any]) -> Said:
    if _scale(settings) != (record.low, record.high) or record.value != int(record.value):
        return "scale"
    return record.dimension or "overall", record.response, int(record.value)


def _said_check(record: Check, settings: Mapping[str, Any]) -> Said:
    if record.credit is not None:
        return "credit"
    if record.criterion not in named(settings, "criteria"):
        return record.name  # a criterion of the item's own, or a rating that does not apply
    return record.criterion, record.response, "na" if record.met is None else "met" if record.met else "unmet"


def _said_span(record: Span, settings: Mapping[str, Any]) -> Said:
    if record.category and record.start == record.end:
        return "span_note"
    return "overall", record.response, {"label": record.category, "start": record.start, "end": record.end}


_WRITERS: dict[type[Record], Any] = {
    Preference: _said_preference,
    Ranking: _said_ranking,
    Rating: _said_rating,
    Verdict: lambda record, settings: ("overall", record.response, "good" if record.good else "bad"),
    Check: _said_check,
    Critique: lambda record, settings: (record.aspect or "overall", record.response or "all", record.text),
    Revision: lambda record, settings: (
        ("revision", record.response, record.text) if record.text else "nothing_to_correct"
    ),
    Span: _said_span,
}


def _name(question: str, part: str, about: str) -> str:
    """A name as the server allows them: lower case letters, digits, - and _."""
    return "--".join(re.sub(r"[^a-z0-9_-]", "_", text.lower()) for text in (question, part, about))


def _scale(settings: Mapping[str, Any]) -> tuple[float, float] | None:
    """Lowest and highest value, where both are whole numbers that Argilla's rating has."""
    low, high = settings.get("low", 1), settings.get("high", 5)
    whole = low == int(low) and high == int(high) and settings.get("step", 1) == 1 and 0 <= low < high <= 10
    return (low, high) if whole and not settings.get("levels") and not settings.get("item_levels") else None


def files(questions: list[dict[str, Any]], options: Mapping[str, Any]) -> dict[str, str]:
    """settings.json: the fields, and a question for each thing that the form asks of a response or a pair."""
    places = range(options["responses"])
    text = {"type": "text", "use_markdown": True}
    fields = [{"name": "prompt", "title": "Prompt", "required": True, "settings": text}]
    fields += [
        {"name": f"response_{place}", "title": f"Response {place + 1}", "required": place == 0, "settings": text}
        for place in places
    ]
    made = [own for question in questions for own in _questions(question, places)]
    settings = {
        "guidelines": None,
        "fields": fields,
        "questions": made,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
        "allow_extra_metadata": True,
    }
    return {"settings.json": json.dumps(settings, ensure_ascii=False, indent=2) + "\n"}


def _questions(question: Mapping[str, Any], places: range) -> Iterator[dict[str, Any]]:
    kind, settings = question["kind"], question["settings"]

    def asked(part: str, about: str, title: str, **own: Any) -> dict[str, Any]:
        name = _name(question["name"], part, about)
        shown = " – ".join(filter(None, (question["title"], "" if part == "overall" else part, title)))
        return {"name": name, "title": shown[:500], "required": False, "settings": own}

    rows = [row["name"] for row in settings.get("dimensions", ())] or ["overall"]
    if kind == "pairwise":
        steps = len(settings.get("labels", ["better"]))
        for row in rows:
            for a in places:
                for b in places[a + 1 :]:
                    sides = [f"response_{side}" for side in (a, b)]
                    by = [f"_by_{step}_of_{steps}" for step in range(1, steps + 1)] if steps > 1 else [""]
                    choices = [side + step for side in sides for step in by] + ["tie", "both_bad"]
                    yield asked(row, f"{a}-{b}", f"{a + 1} or {b + 1}", **_labels(choices))
    elif kind == "ranking" and len(places) > 1:
        options = [_option(f"response_{place}") for place in places]
        yield asked("overall", "all", "", type="ranking", options=options)
    elif kind == "critique" and settings.get("about", "each") == "overall":
        for aspect in named(settings, "aspects") or ["overall"]:
            yield asked(aspect, "all", "", type="text", use_markdown=False)
    else:
        for place in places:
            for part, own in _each(kind, settings, rows, f"response_{place}"):
                yield asked(part, str(place), f"Response {place + 1}", **own)


def _each(
    kind: str, settings: Mapping[str, Any], rows: Sequence[str], field: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What one question asks of one response, by part."""
    if kind == "rating" and (scale := _scale(settings)):
        values = [{"value": value} for value in range(int(scale[0]), int(scale[1]) + 1)]
        yield from ((row, {"type": "rating", "options": values}) for row in rows)
    elif kind == "binary":
        yield "overall", _labels(["good", "bad"])
    elif kind == "rubric":
        yield from ((criterion, _labels(["met", "unmet", "na"])) for criterion in named(settings, "criteria"))
    elif kind == "critique":
        parts = named(settings, "aspects") or ["overall"]
        yield from ((part, {"type": "text", "use_markdown": False}) for part in parts)
    elif kind == "revision":
        yield "revision", {"type": "text", "use_markdown": True}
    elif kind == "span":
        labels = [_option(category) for category in named(settings, "categories")]
        yield "overall", {"type": "span", "field": field, "options": labels, "allow_overlapping": True}


def _labels(words: Sequence[str]) -> dict[str, Any]:
    return {"type": "label_selection", "options": [_option(word) for word in words]}


def _option(word: str) -> dict[str, Any]:
    return {"value": word, "text": word.replace("_", " "), "description": None}
