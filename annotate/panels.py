"""The dashboard's registry: each app declares the panels that it serves, in its own ``panels.py``.

A panel is a function of the request (with ``request.project``) that gives the context of its
template; it only reads. Figures that cost more than a query come from stored reports.
"""

from collections.abc import Callable
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
