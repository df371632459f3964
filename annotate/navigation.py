"""The tabs of a project: every app registers its own, so that none imports another to be found."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from annotate.access.policy import Permission


@dataclass(frozen=True)
class Tab:
    """``url`` names a view that takes ``project_id``; ``under`` are path parts that also light the tab."""

    title: str
    url: str
    permission: Permission
    order: int


_TABS: list[Tab] = []


def register_tab(title: str, url: str, *, permission: Permission, order: int) -> None:
    """Called once for each tab, from an app's ``ready``."""
    _TABS.append(Tab(title, url, permission, order))
    _TABS.sort(key=lambda tab: tab.order)


def tabs(request: HttpRequest) -> list[dict[str, object]]:
    """Title, URL and state of the tabs that this person may open; the longest matching path is active."""
    allowed = [
        (tab, reverse(tab.url, args=[request.project.pk])) for tab in _TABS if tab.permission in request.permissions
    ]
    matching = [url for _, url in allowed if request.path.startswith(url)]
    active = max(matching, key=len, default="")
    return [{"title": tab.title, "url": url, "active": url == active} for tab, url in allowed]
