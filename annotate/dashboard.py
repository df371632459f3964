"""The dashboard's registry: each app declares the panels that it serves, in its own ``panels.py``.

A panel is a function of the request (with ``request.project``) that gives the context of its
template; it only reads. Figures that cost more than a query come from stored reports. Its template
is a fragment, loaded by htmx into a section that has the panel's title already; charts in it come
through components/chart.html.

Example
-------
>>> from annotate.dashboard import panel
>>> @panel("agreement", title="Agreement", order=40, template="curation/panels/agreement.html", wide=True)
... def agreement(request):
...     return {"report": latest_agreement(request.project)}
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from annotate.access.policy import Permission

Context = Callable[[HttpRequest], dict[str, Any]]


@dataclass(frozen=True)
class Panel:
    name: str
    title: str
    order: int
    template: str
    context: Context
    permission: Permission
    wide: bool


PANELS: dict[str, Panel] = {}


def panel(
    name: str,
    *,
    title: str,
    order: int,
    template: str,
    permission: Permission = Permission.VIEW,
    wide: bool = False,
) -> Callable[[Context], Context]:
    """Declare a panel; ``order`` says where it stands, ``wide`` that it takes the whole width."""

    def register(context: Context) -> Context:
        PANELS[name] = Panel(name, title, order, template, context, permission, wide)
        return context

    return register


def panels_for(permissions: Collection[Permission]) -> list[Panel]:
    """The panels that somebody with these permissions sees, in their order."""
    return sorted((p for p in PANELS.values() if p.permission in permissions), key=lambda p: (p.order, p.name))
