from django.apps import AppConfig


class CurationConfig(AppConfig):
    name = "curation"

    def ready(self) -> None:
        from annotate.access.policy import Permission
        from annotate.navigation import register_tab

        register_tab("Import", "import", permission=Permission.MANAGE, order=35)
        register_tab("Agreement", "agreement", permission=Permission.VIEW, order=40)
        register_tab("Judges", "judges", permission=Permission.VIEW, order=38)
        register_tab("Quality", "quality", permission=Permission.VIEW, order=45)
        register_tab("Datasets", "datasets", permission=Permission.VIEW, order=50)
