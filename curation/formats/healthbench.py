"""HealthBench: a conversation with a rubric of its own, and answers to check against it.

    {"prompt_id": "p1", "prompt": [{"role": "user", "content": "…"}], "rubrics": [{"criterion": "Tells to call …",
     "points": 9, "tags": ["axis:accuracy"]}], "ideal_completions_data": {"ideal_completion": "…",
     "ideal_completions_ref_completions": ["…"]}, "example_tags": ["theme:…"]}
    {"prompt_id": "p1", "prompt": […], "completion": "…", "rubric": "…", "binary_labels": [true, false],
     "anonymized_physician_ids": ["a", "b"]}                                                       its meta-evaluation

A pitfall has negative points. The responses are a physician's ideal completion and the reference completions that it
was written from, or, where a row has them, ``completion`` or ``responses`` of your own models: a row without any has
nothing to check. Sources: healthbench_eval.py and healthbench_meta_eval.py of https://github.com/openai/simple-evals,
and copies of its rows; arXiv 2505.08775.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from annotate.records import Check
from curation.formats import Parsed, ParsedAnswer, ParsedResponse, RowError, clip
from curation.formats._answers import LOOSE, answer, criteria, listed, table_dict
from curation.formats._fields import expect_text, messages, missing, optional_text, rest, structure, text

TITLE = "HealthBench"
SUMMARY = "Conversations with a weighted rubric each, their ideal and reference answers, or physicians' checks of one."
EXAMPLE = {
    "prompt_id": "p1",
    "prompt": [{"role": "user", "content": "My tea was too hot. What do I do?"}],
    "rubrics": [
        {"criterion": "Asks how bad the burn is.", "points": 5, "tags": ["axis:context_awareness"]},
        {"criterion": "Advises butter.", "points": -8, "tags": ["axis:accuracy"]},
    ],
    "ideal_completions_data": {
        "ideal_completion": "Sip cold water. How bad is it?",
        "ideal_completions_group": "Group 2",
        "ideal_completions_ref_completions": ["Put butter on it."],
    },
    "example_tags": ["theme:emergency_referrals"],
}
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {}}
_USED = ("prompt_id", "prompt", "rubrics", "rubric", "completion", "responses", "ideal_completions_data", "canary")


def parse(row: Mapping[str, Any]) -> Parsed:
    """One conversation with its rubric; of the meta-evaluation one criterion, checked by each physician."""
    if row.get("prompt") is None:
        text(row, "prompt")
    prompt = messages(structure(row["prompt"], "prompt"), "prompt")
    judged = isinstance(row.get("rubric"), str)
    rubric = [{"criterion": row["rubric"], "points": 1}] if judged else row.get("rubrics")
    found = criteria(rubric, "rubrics", "criterion", "points", "tags")
    own = optional_text(row, "completion_id") if judged else ""
    return Parsed(
        prompt,
        tuple(_responses(row)),
        external_id=":".join(filter(None, (optional_text(row, "prompt_id"), own))),
        criteria=found,
        answers=tuple(_checks(row)) if judged else (),
        metadata=rest(row, (*_USED, "binary_labels", "anonymized_physician_ids")),
    )


def _responses(row: Mapping[str, Any]) -> Iterator[ParsedResponse]:
    ideal = table_dict(row.get("ideal_completions_data"), "ideal_completions_data")
    found = [ParsedResponse(entry, "ideal") for entry in _texts(ideal, "ideal_completion")]
    found += [ParsedResponse(entry, "reference") for entry in _texts(ideal, "ideal_completions_ref_completions")]
    found += [ParsedResponse(entry) for name in ("completion", "responses") for entry in _texts(row, name)]
    if not found:
        raise RowError("The row has no answer to check: give a model's in completion, or several in responses.")
    yield from found


def _texts(row: Mapping[str, Any], name: str) -> list[str]:
    if missing(row, name):
        return []
    value = row[name]
    return [expect_text(entry, name) for entry in (listed(value, name) if not isinstance(value, str) else [value])]


def _checks(row: Mapping[str, Any]) -> Iterator[ParsedAnswer]:
    labels = listed(row.get("binary_labels"), "binary_labels")
    names = listed(row.get("anonymized_physician_ids") or [], "anonymized_physician_ids")
    if names and len(names) != len(labels):
        raise RowError(f"There are {len(labels)} binary_labels, but {len(names)} anonymized_physician_ids.")
    for place, met in enumerate(labels):
        if met is not None and not isinstance(met, bool):
            raise RowError(f"A binary label is {clip(met)}; true or false is expected.")
        rater = str(names[place]) if names else f"physician {place + 1}"
        checked = Check(**LOOSE, response="0", criterion="c1", met=met, points=1)
        yield from answer([checked] if met is not None else [], rater)


def export_item(
    parsed: Parsed, questions: list[dict[str, Any]], options: Mapping[str, Any], left_out: Counter[str]
) -> dict[str, Any] | None:
    """An item with a rubric of its own, or of the project's; answers of raters are not part of the benchmark."""
    rubric = parsed.criteria or next(
        (tuple(q["settings"].get("criteria", ())) for q in questions if q["kind"] == "rubric"), ()
    )
    if not rubric:
        left_out["no_rubric"] += 1
        return None
    if parsed.answers:
        left_out["answers"] += len(parsed.answers)
    return {
        "prompt_id": parsed.external_id,
        "prompt": parsed.prompt,
        "rubrics": [
            {
                "criterion": one["text"],
                "points": one.get("points", 1),
                "tags": [f"axis:{one['category']}"] if one.get("category") else [],
            }
            for one in rubric
        ],
        "responses": [response.text for response in parsed.responses],
        "example_tags": [],
    }
