"""The dashboard: the registered panels, each loaded as a fragment from the app that owns it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from annotate.access.policy import Permission
from annotate.dashboard import PANELS, panels_for
from annotate.views.shell import project_page


@project_page(Permission.VIEW)
def dashboard(request: HttpRequest) -> HttpResponse:
    empty = not request.project.tasks.exists()
    return render(request, "annotate/dashboard.html", {"panels": panels_for(request.permissions), "empty": empty})


@project_page(Permission.VIEW)
def panel(request: HttpRequest, name: str) -> HttpResponse:
    found = PANELS.get(name)
    if found is None:
        raise Http404("There is no such panel.")
    if found.permission not in request.permissions:
        raise PermissionDenied
    return render(request, found.template, {**found.context(request), "panel": found})
