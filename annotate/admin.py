"""Admin pages of collection; the database's own view, for staff. Answers are looked at here, never changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from annotate.models import Annotation, Flag, Form, Item, Lease, Project, Question, Rater, Response, Skip, Task


class ReadOnly(admin.ModelAdmin):
    """Rows that are facts: they are made by the services, and not touched afterwards."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class QuestionInline(admin.TabularInline):
    model = Question
    extra = 0
    can_delete = False
    readonly_fields = ("position", "name", "kind", "title", "help", "required", "settings", "condition")
    max_num = 0


class ResponseInline(admin.TabularInline):
    model = Response
    extra = 0
    max_num = 0
    can_delete = False
    fields = readonly_fields = ("index", "key", "text", "media", "model")


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ("name", "organisation", "overlap", "blind", "is_paused", "created_at")
    list_filter = ("organisation", "is_paused")
    search_fields = ("name",)
    # How many answer a task is changed on the project's own settings page, which changes its tasks too.
    readonly_fields = ("overlap",)


@admin.register(Form)
class FormAdmin(ReadOnly):
    list_display = ("project", "version", "created_at")
    inlines = (QuestionInline,)


@admin.register(Item)
class ItemAdmin(ReadOnly):
    list_display = ("external_id", "project", "group", "gold")
    list_filter = ("project",)
    search_fields = ("external_id",)
    inlines = (ResponseInline,)


@admin.register(Task)
class TaskAdmin(ReadOnly):
    list_display = ("id", "item", "project", "priority", "taken", "answered", "overlap")
    list_filter = ("project",)
    list_select_related = ("item", "project")


@admin.register(Rater)
class RaterAdmin(ReadOnly):
    list_display = ("name", "kind", "organisation")
    list_filter = ("kind", "organisation")
    search_fields = ("name",)


@admin.register(Annotation)
class AnnotationAdmin(ReadOnly):
    list_display = ("id", "task", "rater", "status", "revision", "is_current", "seconds", "submitted_at")
    list_filter = ("status", "is_current", "rater__kind")
    list_select_related = ("task", "rater")


@admin.register(Lease)
class LeaseAdmin(ReadOnly):
    list_display = ("task", "rater", "created_at", "expires_at", "end", "ended_at")
    list_filter = ("end",)
    list_select_related = ("task", "rater")


@admin.register(Flag)
class FlagAdmin(ReadOnly):
    list_display = ("task", "rater", "reason", "created_at", "resolved_at", "resolved_by")
    list_select_related = ("task", "rater", "resolved_by")


@admin.register(Skip)
class SkipAdmin(ReadOnly):
    list_display = ("task", "rater", "reason", "created_at")
    list_select_related = ("task", "rater")
