"""Mappings by name: those that an organisation keeps, and those that come with the product."""

from django.db import transaction

from annotate.access.models import Organisation, User
from annotate.access.services import record
from curation import mapping
from curation.models import ImportMapping


def names(organisation: Organisation) -> list[str]:
    """Its own, then those that come with the product and that it has not replaced by one of the same name."""
    own = list(organisation.import_mappings.values_list("name", flat=True))
    return own + [name for name in mapping.shipped() if name not in own]


def text_of(organisation: Organisation, name: str) -> str:
    """The YAML of a mapping; raises LookupError with the names of those that exist."""
    kept = organisation.import_mappings.filter(name=name).first()
    text = kept.text if kept else mapping.shipped().get(name)
    if text is None:
        raise LookupError(f"There is no mapping {name!r}. Those that exist: {', '.join(names(organisation))}.")
    return text


@transaction.atomic
def keep(*, organisation: Organisation, name: str, text: str, by: User | None = None) -> ImportMapping:
    """Keep a mapping under a name, in place of an earlier one of that name; raises `mapping.MappingError`."""
    mapping.read(text)
    kept, _ = ImportMapping.objects.update_or_create(
        organisation=organisation, name=name, defaults={"text": text, "created_by": by}
    )
    record(organisation=organisation, actor=by, verb="mapping.kept", target=kept)
    return kept


@transaction.atomic
def forget(*, kept: ImportMapping, by: User | None = None) -> None:
    """Remove a mapping; what was imported with it stays."""
    record(organisation=kept.organisation, actor=by, verb="mapping.forgotten", target=kept)
    kept.delete()
