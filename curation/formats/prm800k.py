"""PRM800K: a solution in steps, each rated right, neutral or wrong by one labeler.

    {"labeler": "340d…", "timestamp": "2023-01-22T04:34:27", "generation": 9, "is_quality_control_question": false,
     "question": {"problem": "…", "ground_truth_answer": "…", "pre_generated_steps": ["…"]},
     "label": {"steps": [{"completions": [{"text": "…", "rating": 1, "flagged": null}], "human_completion": null,
               "chosen_completion": 0}], "total_time": 278270, "finish_reason": "found_error"}}

Source: https://github.com/openai/prm800k (README). The response is the labelled trajectory: of each step the chosen
completion, else the labeler's own (which is right: it was written because all others were wrong), else the first,
with which labelling stopped. Steps stand in the response's metadata, where the step kind finds them; the steps that
were not reached and the alternatives with their ratings stand beside them. A step that was flagged or has no rating
is "unsure". Milliseconds become seconds.
"""

from collections.abc import Mapping
from typing import Any

from annotate.records import StepLabel
from curation.formats import Parsed, ParsedResponse, RowError, clip
from curation.formats._answers import LOOSE, answer, asked, table_dict
from curation.formats._fields import IMPORTER, expect_text, number, objects, optional_text, rest

TITLE = "PRM800K"
SUMMARY = "Solutions with a label of 1, 0 or -1 for each step, by a named labeler."
EXAMPLE = {
    "labeler": "l-1",
    "timestamp": "2023-01-22T04:34:27",
    "question": {"problem": "What is 3 + 4 + 5?", "ground_truth_answer": "12"},
    "label": {
        "steps": [
            {"completions": [{"text": "3 + 4 is 7.", "rating": 1, "flagged": False}], "chosen_completion": 0},
            {"completions": [{"text": "7 + 5 is 13.", "rating": -1, "flagged": None}], "chosen_completion": None},
        ],
        "total_time": 61000,
        "finish_reason": "found_error",
    },
}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One labelled solution."""
    question, label = table_dict(row.get("question"), "question"), table_dict(row.get("label"), "label")
    prompt = asked(question, "problem")
    given = objects(label.get("steps"), "steps of label")
    if not given:
        raise RowError("The label has no steps.")
    texts, values, others = zip(*(_step(step, place) for place, step in enumerate(given, 1)), strict=True)
    generated = question.get("pre_generated_steps")
    unreached = generated[len(texts) :] if isinstance(generated, list) else []
    milliseconds = number(label, "total_time")
    response = ParsedResponse(
        "\n\n".join(texts),
        metadata={"steps": [*texts], "alternatives": [*others], "unreached_steps": unreached},
    )
    return Parsed(
        prompt,
        (response,),
        answers=answer(
            (StepLabel(**LOOSE, response="0", step=step, value=value) for step, value in enumerate(values)),
            optional_text(row, "labeler") or IMPORTER,
            seconds=None if milliseconds is None else milliseconds / 1000,
            submitted_at=optional_text(row, "timestamp"),
        ),
        metadata=rest(row, ("labeler", "timestamp", "question", "label"))
        | rest(question, ("problem", "pre_generated_steps"))
        | rest(label, ("steps", "total_time")),
    )


def _step(step: Mapping[str, Any], place: int) -> tuple[str, float | None, list[dict[str, Any]]]:
    """Its text, its label, and the completions that were not taken."""
    completions = objects(step.get("completions"), f"completions of step {place}")
    chosen, own = step.get("chosen_completion"), step.get("human_completion")
    if chosen is None and own:
        written = own.get("text") if isinstance(own, dict) else own
        return expect_text(written, f"human_completion of step {place}"), 1, completions
    taken = 0 if chosen is None else chosen
    if type(taken) is not int or not 0 <= taken < len(completions):
        raise RowError(f"Step {place} chose completion {clip(chosen)}; there are {len(completions)}.")
    said = completions[taken]
    value = number(said, "rating")
    if value not in (None, -1, 0, 1):
        raise RowError(f"rating of step {place} is {clip(said['rating'])}; -1, 0 or 1 is expected.")
    label = None if said.get("flagged") is True else value
    return expect_text(said.get("text"), f"text of step {place}"), label, completions[:taken] + completions[taken + 1 :]
