from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AnnotateConfig(AppConfig):
    name = "annotate"

    def ready(self) -> None:
        from annotate.access.policy import Permission
        from annotate.navigation import register_tab

        autodiscover_modules("panels")
        register_tab(_("Dashboard"), "dashboard", permission=Permission.VIEW, order=10)
        register_tab(_("Label"), "workbench", permission=Permission.LABEL, order=20)
        register_tab(_("Tasks"), "tasks", permission=Permission.REVIEW, order=30)
        register_tab(_("Jobs"), "jobs", permission=Permission.VIEW, order=80)
        register_tab(_("Settings"), "project_settings", permission=Permission.MANAGE, order=90)
