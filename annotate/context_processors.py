"""What every page of the shell shows: the sign-in's projects and the tabs of the one at hand."""

from typing import Any

from django.http import HttpRequest

from annotate.navigation import tabs


def shell(request: HttpRequest) -> dict[str, Any]:
    """``tabs`` of the current project, where the page is a project's (`annotate.views.project_page` sets it)."""
    project = getattr(request, "project", None)
    return {"project": project, "tabs": tabs(request) if project else []}
