"""Admin page of stored files, for staff: to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from annotate.media.models import MediaFile


@admin.register(MediaFile)
class MediaFileAdmin(admin.ModelAdmin):
    list_display = (
        "digest", "type", "content_type", "size", "width", "height", "duration", "pages", "organisation", "created_at",
    )  # fmt: skip
    list_filter = ("type", "content_type", "organisation")
    list_select_related = ("organisation",)
    search_fields = ("digest",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
