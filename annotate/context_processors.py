"""What every page of the shell shows: the sign-in's projects and the tabs of the one at hand."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from annotate.access.models import Membership
from annotate.access.policy import GRANTS, Permission
from annotate.models import Project
from annotate.navigation import tabs


def shell(request: HttpRequest) -> dict[str, Any]:
    """``tabs`` of the current project, where the page is a project's (`annotate.views.project_page` sets it);
    ``switcher`` and ``nav_items`` for whoever is signed in, asked for only by pages that show them."""
    project = getattr(request, "project", None)
    context: dict[str, Any] = {"project": project, "tabs": tabs(request) if project else []}
    user = getattr(request, "user", None)  # an error page may come before anybody is known
    if user is not None and user.is_authenticated:
        context["switcher"] = SimpleLazyObject(lambda: _switcher(request))
        context["nav_items"] = SimpleLazyObject(lambda: _nav_items(request))
    return context


def _switcher(request: HttpRequest) -> list[dict[str, Any]]:
    """The person's projects, each at the first page of it that they may open."""
    roles = dict(Membership.objects.filter(user=request.user).values_list("organisation_id", "role"))
    current = getattr(request, "project", None)
    entries = []
    for project in Project.objects.visible_to(request.user).select_related("organisation")[:50]:
        page = "dashboard" if Permission.VIEW in GRANTS[roles[project.organisation_id]] else "workbench"
        entries.append(
            {
                "title": project.name,
                "url": reverse(page, args=[project.pk]),
                "active": current is not None and current.pk == project.pk,
                "note": project.organisation.name if len(roles) > 1 else "",
            }
        )
    return entries


def _nav_items(request: HttpRequest) -> list[dict[str, Any]]:
    current = getattr(request, "organisation", None) or getattr(getattr(request, "project", None), "organisation", None)
    memberships = Membership.objects.filter(user=request.user).select_related("organisation").order_by("pk")
    own = [membership.organisation for membership in memberships]
    organisation = current if current in own else next(iter(own), None)
    items = [(_("Projects"), reverse("home"))]
    if organisation is not None:
        items.append((_("People and tokens"), reverse("people", args=[organisation.pk])))
    items.append((_("API"), reverse("api_docs")))
    return [{"title": title, "url": url, "active": request.path == url} for title, url in items]
