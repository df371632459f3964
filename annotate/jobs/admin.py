"""Admin page of jobs, for staff: to look at, and to cancel."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from annotate.jobs.models import Job
from annotate.jobs.services import request_cancel


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    list_display = ("title", "handler", "organisation", "state", "queue", "attempts", "created_at", "heartbeat_at")
    list_filter = ("state", "handler", "queue", "organisation")
    list_select_related = ("organisation",)
    search_fields = ("title", "id")
    actions = ("cancel",)

    @admin.action(description="Cancel", permissions=["view"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            request_cancel(job=job)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
