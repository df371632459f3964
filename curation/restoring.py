"""Making an old dataset version the one to use again: nothing is copied, for a version never changes."""

from django.db import transaction

from annotate.access.models import User
from annotate.access.services import record
from curation.models import Dataset, DatasetVersion


@transaction.atomic
def restore(*, version: DatasetVersion, user: User | None) -> Dataset:
    """Its dataset now uses this version; one that is in use already stays so, and nothing is recorded."""
    dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
    before = dataset.used
    if before != version:
        dataset.current = version
        dataset.save(update_fields=["current"])
        project = dataset.project
        record(
            organisation=project.organisation,
            actor=user,
            verb="version.restored",
            target=version,
            project=project.pk,
            hash=version.hash,
            instead_of=before.hash if before else "",
        )
    return dataset
