from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "annotate.access"
    label = "access"
