"""The admin site under our own configuration, so that it uses our sign-in page."""

from django.contrib.admin.apps import AdminConfig


class TouchstoneAdmin(AdminConfig):
    default_site = "config.admin.TouchstoneAdminSite"
