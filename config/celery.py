"""Celery's application; `celery -A config worker -Q default` and `-Q gpu` start its workers."""

import os

from celery import Celery

from config import broker  # noqa: F401 - makes embedded:// known

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("touchstone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
