"""A task as a whole, read and written: prompt and responses, and the annotation of each rater."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from curation.formats import Parsed, ParsedAnswer, ParsedResponse, ParsedVote, RowError, clip
from curation.formats._answers import files
from curation.formats._fields import number, objects, optional_text, rest, structure
from curation.formats._found import parted
from curation.formats._found import task as find_task
from curation.formats.label_studio.answers import results
from curation.formats.label_studio.results import records


def parse(row: Mapping[str, Any]) -> Parsed:
    """One task with its annotations and predictions."""
    data = structure(row.get("data"), "data")
    if not isinstance(data, dict):
        raise RowError(f"data is {clip(row.get('data'))}; a task of Label Studio has an object there.")
    task = find_task(data)
    annotations = {_rater(one): one for one in objects(row.get("annotations"), "annotations")}
    cancelled = [rater for rater, one in annotations.items() if one.get("was_cancelled")]
    predictions = objects(row.get("predictions"), "predictions")
    said = [(rater, one) for rater, one in annotations.items() if not one.get("was_cancelled")]
    said += [(optional_text(one, "model_version") or "prediction", one) for one in predictions]
    votes: list[ParsedVote] = []
    answers: list[ParsedAnswer] = []
    gold = ""
    for rater, one in said:
        told = list(records(task, objects(one.get("result"), "result")))
        more = {"seconds": number(one, "lead_time"), "submitted_at": optional_text(one, "created_at")}
        own, others = parted(told, rater, **more)
        votes += own
        answers += others
        if one.get("ground_truth") is True and len(own) == 1 and (own[0].a, own[0].b) == (0, 1):
            gold = own[0].outcome
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
        media=files(data.get("source"), "source"),
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
        made = [
            result for told in own for record in told.records for result in results(record, known, options, left_out)
        ]
        if made:
            annotations.append(
                {
                    "completed_by": {"id": number_, "email": rater},
                    "was_cancelled": False,
                    "ground_truth": False,
                    "lead_time": sum(told.seconds or 0 for told in own) or None,
                    "result": made,
                }
                | ({"created_at": own[-1].submitted_at} if own[-1].submitted_at else {})
            )
    return {"data": data, "annotations": annotations, "predictions": []}
