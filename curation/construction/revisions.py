"""Pairs from revisions: what a person rewrote is better than it was, and than what it had beaten before.

revised > chosen > rejected        as in Llama 2 and 3's preference data; the last pair is in the table already
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from annotate.records import Revision
from curation.construction import Constructed, Material, Response, decided
from curation.filters import Context, settings_schema

TITLE = "Pairs from revisions"
SUMMARY = "A revision is better than the response it replaces, and than those that this response beats."
SETTINGS = settings_schema(
    question={"type": "string", "default": "", "title": "Question whose answers count", "description": "None: all."},
    beaten={"type": "boolean", "default": True, "title": "Also against the responses that the original beats"},
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """A revision that says the same as its original, or nothing, gives no pair."""
    beaten: dict[tuple[str, str], list[tuple[str, Response]]] = defaultdict(list)
    for row, winner, loser in decided(material.table):
        beaten[row["item"], winner.key].append((row["row_id"], loser))
    for record in material.records:
        item = material.items.get(record.item)
        if not isinstance(record, Revision) or settings["question"] not in ("", record.question) or item is None:
            continue
        original = item.responses.get(record.response)
        if original is None or record.text.strip() in ("", original.text.strip()):
            continue
        revised = Response(record.text, original.media)
        source: dict[str, Any] = {"item": record.item, "prompt": item.prompt, "group": item.group, "better": revised}
        yield Constructed(**source, worse=original, note={"revised": record.response})
        for row_id, loser in beaten[record.item, record.response] if settings["beaten"] else ():
            yield Constructed(**source, worse=loser, sources=(row_id,), note={"revised": record.response})
