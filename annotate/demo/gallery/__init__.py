"""The demo's gallery: a small project for every feedback kind and every medium; one file each, found by discovery.

The contract (tests/annotate/demo/test_gallery.py holds it). A module defines:

    TITLE, SUMMARY : str              name and description of its project
    GUIDELINES : str                  Markdown for the annotators
    QUESTIONS : list[dict]            its form, as `annotate.services.create_form` takes it
    rows(folder) -> list[dict]        a few items in the shape of the ``votes`` format (id, prompt, responses, media,
                                      criteria …); their media files are written into ``folder`` and named by file name

All content is made here: drawn, synthesised or written by us. Pure: knows no Django.
"""

from pathlib import Path
from typing import Any, Protocol, cast

from annotate import discovery


class Exhibit(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    GUIDELINES: str
    QUESTIONS: list[dict[str, Any]]

    def rows(self, folder: Path) -> list[dict[str, Any]]: ...


def exhibits() -> dict[str, Exhibit]:
    """All projects of the gallery, by name."""
    return cast(dict[str, Exhibit], discovery.load_all(__name__))
