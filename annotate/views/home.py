"""The first page: the projects within reach, and how far each has come."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from annotate.access.models import Membership
from annotate.access.policy import GRANTS, Permission
from annotate.models import Annotation, Project


@login_required
def home(request: HttpRequest) -> HttpResponse:
    roles = dict(Membership.objects.filter(user=request.user).values_list("organisation_id", "role"))
    may_create = any(Permission.MANAGE in GRANTS[role] for role in roles.values())
    projects = (
        Project.objects.visible_to(request.user)
        .select_related("organisation")
        .annotate(
            task_count=Count("tasks"),
            finished=Count("tasks", filter=Q(tasks__answered__gte=F("tasks__overlap"))),
            wanted=Sum("tasks__overlap", default=0),
            given=Sum("tasks__answered", default=0),
        )
    )
    answered = Annotation.objects.filter(rater__user=request.user, is_current=True).values_list("task__project")
    mine = dict(answered.annotate(n=Count("pk")).order_by())
    cards = [
        {**_card(project, GRANTS[roles[project.organisation_id]]), "mine": mine.get(project.pk, 0)}
        for project in projects
    ]
    return render(
        request,
        "annotate/home.html",
        {"groups": _by_organisation(cards), "may_create": may_create, "is_member": bool(roles)},
    )


def _by_organisation(cards: list[dict[str, Any]]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The cards of each organisation, in the order in which the organisations were made."""
    groups: dict[int, tuple[Any, list[dict[str, Any]]]] = {}
    for card in cards:
        organisation = card["project"].organisation
        groups.setdefault(organisation.pk, (organisation, []))[1].append(card)
    return [groups[pk] for pk in sorted(groups)]


def _card(project: Any, granted: frozenset[Permission]) -> dict[str, Any]:
    links = []
    if Permission.LABEL in granted and project.task_count:
        links.append({"title": _("Label"), "url": reverse("workbench", args=[project.pk])})
    if Permission.VIEW in granted:
        links.append({"title": _("Dashboard"), "url": reverse("dashboard", args=[project.pk])})
    if Permission.REVIEW in granted:
        links.append({"title": _("Tasks"), "url": reverse("tasks", args=[project.pk])})
    return {
        "project": project,
        "url": reverse("dashboard" if Permission.VIEW in granted else "workbench", args=[project.pk]),
        "links": links,
        # Annotators see that there is work, not how others get on with it.
        "shows_progress": Permission.VIEW in granted,
    }
