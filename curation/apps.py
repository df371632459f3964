from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.utils.translation import gettext_lazy as _


class CurationConfig(AppConfig):
    name = "curation"

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from annotate.access.policy import Permission
        from annotate.navigation import register_tab

        post_save.connect(_answered, sender="annotate.Annotation")
        register_tab(_("Import"), "import", permission=Permission.MANAGE, order=35)
        register_tab(_("Agreement"), "agreement", permission=Permission.VIEW, order=40)
        register_tab(_("Judges"), "judges", permission=Permission.VIEW, order=38)
        register_tab(_("Quality"), "quality", permission=Permission.VIEW, order=45)
        register_tab(_("Ask next"), "selections", permission=Permission.VIEW, order=47)
        register_tab(_("Campaigns"), "campaigns", permission=Permission.VIEW, order=48)
        register_tab(_("Datasets"), "datasets", permission=Permission.VIEW, order=50)


def _answered(instance: Any, created: bool, **_: Any) -> None:
    """What waits for people's answers hears of them, once they are safe."""
    from curation.campaigning import people

    if created and people.is_ours(instance.task.item):
        from curation.campaigning import services

        item = instance.task.item
        transaction.on_commit(lambda: services.answered(item.project_id, item.external_id))
