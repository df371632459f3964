"""TRL's preferences with pictures: a chat about an item's pictures, and a better and a worse answer in text.

    {"images": ["media/9f….png"], "prompt": [{"role": "user", "content": [{"type": "image"},
     {"type": "text", "text": "Q"}]}], "chosen": [{"role": "assistant", "content": [{"type": "text", "text": "A"}]}],
     "rejected": […]}

Source: https://huggingface.co/docs/trl/dataset_formats (TRL 1.16; `trl.data_utils.prepare_multimodal_messages` fills
the placeholders, as many as there are images). Load the file in its folder and cast ``images`` to a list of
`datasets.Image`. Both answers share one list of images, so answers that are pictures themselves are left out.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from curation.formats import Parsed
from curation.formats._chats import first_user, parts, pictures, text_only
from curation.formats._majority import choices

TITLE = "TRL preference with pictures"
SUMMARY = "Text answers about an item's pictures, chosen and rejected, for TRL's vision-language trainers."
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {}}
LEFT_OUT = {"no_pictures": "The item has no pictures; the format trl says text alone."}


def export_item(
    parsed: Parsed, questions: list[dict[str, Any]], options: Mapping[str, Any], left_out: Counter[str]
) -> list[dict[str, Any]]:
    """A row for every pair that most raters prefer the same side of."""
    images = pictures(parsed, left_out)
    if not images:
        left_out["no_pictures"] += images == []
        return []
    user = first_user(parsed.prompt)
    prompt = [parts(message, len(images) * (place == user)) for place, message in enumerate(parsed.prompt)]
    rows = []
    for chosen, rejected in choices(parsed, left_out):
        if text_only(parsed, chosen) and text_only(parsed, rejected):
            sides = {"chosen": chosen, "rejected": rejected}
            said = {
                name: [parts({"role": "assistant", "content": parsed.responses[place].text})]
                for name, place in sides.items()
            }
            rows.append({"images": images, "prompt": prompt, **said})
        else:
            left_out["media"] += 1
    return rows
