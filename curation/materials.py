"""From a project to what pairs are constructed from: all its records, and the items and files that they name."""

import pyarrow as pa
from django.core.files.storage import default_storage

from annotate import selectors as collected
from annotate.media.models import MediaFile
from annotate.models import Item, Project
from curation import construction, pairs
from curation.construction import Material
from curation.ports import PortNotRegistered

CHUNK = 2000


def material_of(project: Project, table: pa.Table) -> Material:
    """The records of every question, with their items; ``table`` is the project's pair table."""
    records = list(collected.records(project))
    names = sorted({record.item for record in records})
    items: dict[str, construction.Item] = {}
    for start in range(0, len(names), CHUNK):
        rows = Item.objects.filter(project=project, external_id__in=names[start : start + CHUNK])
        for item in rows.prefetch_related("responses"):
            responses = {
                response.key: construction.Response(response.text, tuple(response.media), response.model, response.key)
                for response in item.responses.all()
            }
            items[item.external_id] = construction.Item(pairs.canonical_json(item.prompt), responses, item.group)
    return Material(table, records, items)


def media_of(project: Project, name: str) -> bytes:
    """The content of one of the organisation's files."""
    digest = name.removeprefix("sha256:")
    file = MediaFile.objects.filter(organisation=project.organisation_id, digest=digest).first()
    if file is None:
        raise PortNotRegistered(f"There is no file {name[:80]!r}.")
    with default_storage.open(file.path) as content:
        return bytes(content.read())
