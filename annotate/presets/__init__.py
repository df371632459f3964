"""Forms to start a project from: one file for each protocol, found by discovery.

The contract that every module here fulfils (tests/annotate/presets/test_contract.py holds it):

    TITLE, SUMMARY : str      shown where a project is made
    FAMILY : str              one of FAMILIES, under which it stands there
    SOURCE : str              address of the paper or dataset whose protocol it is; "" for a common one
    QUESTIONS : list[dict]    the form, as `annotate.services.create_form` takes it
    GUIDELINES : str          Markdown for annotators, to start from; "" for none

Pure: knows no Django.
"""

from types import ModuleType
from typing import Any

from annotate import discovery

FAMILIES = ("Any content", "Text", "Reasoning", "Images", "Video")
FIRST = "plain"  # what is marked where nobody has chosen yet
REASON: dict[str, Any] = {
    "name": "reason",
    "kind": "critique",
    "title": "Why?",
    "help": "One or two sentences on what decided it.",
    "required": False,
    "settings": {"about": "overall"},
}


def names() -> tuple[str, ...]:
    """Identifiers of all presets."""
    return discovery.names(__name__)


def get(name: str) -> ModuleType:
    """The preset called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return discovery.load(__name__, name)


def by_family() -> list[tuple[str, list[tuple[str, ModuleType]]]]:
    """All presets as (family, [(name, module)]), by title; the first of all is `FIRST`."""
    found = sorted(
        ((name, get(name)) for name in names()), key=lambda preset: (preset[0] != FIRST, preset[1].TITLE.casefold())
    )
    grouped = [(family, [preset for preset in found if family == preset[1].FAMILY]) for family in FAMILIES]
    return [(family, members) for family, members in grouped if members]
