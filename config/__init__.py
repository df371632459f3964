"""Settings, URLs, Celery and the command that runs everything."""

from config.celery import app as celery_app

__all__ = ("celery_app",)
