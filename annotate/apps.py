from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AnnotateConfig(AppConfig):
    name = "annotate"

    def ready(self) -> None:
        from annotate.access.policy import Permission
        from annotate.navigation import register_tab

        autodiscover_modules("panels")
        register_tab("Dashboard", "dashboard", permission=Permission.VIEW, order=10)
        register_tab("Label", "workbench", permission=Permission.LABEL, order=20)
        register_tab("Tasks", "tasks", permission=Permission.REVIEW, order=30)
        register_tab("Jobs", "jobs", permission=Permission.VIEW, order=80)
        register_tab("Settings", "project_settings", permission=Permission.MANAGE, order=90)
