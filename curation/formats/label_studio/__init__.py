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

from curation.formats._found import SHOWN
from curation.formats.label_studio.config import files
from curation.formats.label_studio.tasks import export_item, parse

__all__ = ["EXAMPLE", "ITEMS_FILE", "LEFT_OUT", "OPTIONS", "SUMMARY", "TITLE", "export_item", "files", "parse"]

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
