from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "annotate.jobs"
    label = "jobs"

    def ready(self) -> None:
        # Handlers are declared in the apps' tasks.py; commands and the web need to know them too.
        autodiscover_modules("tasks")
