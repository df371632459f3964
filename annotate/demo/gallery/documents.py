"""Which layout reads better: the same text set in two ways, as PDF; pages that we set."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from annotate.demo.gallery._making import Page, pdf

TITLE = "Two documents"
SUMMARY = "The same text in two layouts, page by page."
GUIDELINES = """Which document would you rather be given? Look at every page.

Judge how it reads: size and length of lines, headings, space, order. Not what the text says: that is the same."""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "better",
        "kind": "pairwise",
        "title": "Which layout is better?",
        "settings": {"labels": ["slightly better", "clearly better"], "tie": True, "both_bad": True},
    },
    {
        "name": "reason",
        "kind": "critique",
        "title": "What makes it so?",
        "required": False,
        "settings": {"about": "overall"},
    },
]

SHEET = (595, 420)  # points: A4 cut in two

_LOANS = (
    (
        "Who may borrow",
        "Every member may borrow up to six books at a time. Children under twelve borrow on the card of a "
        "parent. Guests read in the house and leave the book on the trolley beside the door.",
    ),
    (
        "How long",
        "A book is lent for four weeks. It can be kept for four weeks more if nobody waits for it; say so at "
        "the desk or by telephone before the day that is stamped on the last page.",
    ),
    (
        "When it is late",
        "From the second week on we ask for fifty cents a week. After eight weeks we take the book as lost "
        "and ask for its price. Nobody is turned away for money that is owed.",
    ),
    (
        "Damage",
        "Tell us of a torn page or a stain; we mend most of it in a minute, and nobody pays for wear. Please "
        "do not mend a book yourself with adhesive tape: it turns yellow and cannot be taken off.",
    ),
)
_REPAIR = (
    (
        "Before you start",
        "Close the tap below the basin and open the one above it until no more water comes. Put a plug in the "
        "drain, so that no screw is lost, and a towel into the basin.",
    ),
    (
        "Take it apart",
        "Lift the coloured cap with a blunt knife. Loosen the screw below it, pull off the handle, and "
        "unscrew the upper part counter-clockwise with a spanner of 17 millimetres.",
    ),
    (
        "Change the washer",
        "The black washer sits at the lower end. Pull it off, press the new one on until it lies flat, and "
        "clean the seat in the tap with a cloth: a grain of sand is enough to make it drip.",
    ),
    (
        "Put it together",
        "Screw everything on in the reverse order, hand-tight and a quarter turn more. Open the tap below "
        "slowly. If it still drips, the seat is worn and needs a plumber.",
    ),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Two texts, each in two pairs of layouts."""
    texts = {
        "loans": ("Borrowing books: the rules of the house", _LOANS),
        "repair": ("How to mend a dripping tap", _REPAIR),
    }
    layouts: dict[str, Callable[..., list[Page]]] = {"roomy": _roomy, "dense": _dense, "columns": _columns}
    files = {
        (text, layout): pdf(folder, f"{text}_{layout}.pdf", set_as(*texts[text]))
        for text in texts
        for layout, set_as in layouts.items()
    }
    asked = (
        ("loans", "roomy", "dense"),
        ("repair", "dense", "roomy"),
        ("loans", "columns", "roomy"),
        ("repair", "columns", "dense"),
    )
    return [
        {
            "id": f"documents-{number}",
            "prompt": f"Lay out this text for a notice board and for print: *{texts[text][0]}*",
            "responses": [{"text": "", "media": [files[text, one]]}, {"text": "", "media": [files[text, other]]}],
        }
        for number, (text, one, other) in enumerate(asked, 1)
    ]


def _roomy(title: str, sections: Any) -> list[Page]:
    """Two pages, large type, headings with a coloured bar."""
    pages = []
    for half in (sections[:2], sections[2:]):
        page = Page(SHEET)
        page.box(60, 50, 475, 4, (0.15, 0.35, 0.6))
        page.text(60, 90, title if not pages else f"{title} (2)", 19, bold=True)
        y = 150.0
        for heading, words in half:
            page.box(60, y - 14, 6, 18, (0.15, 0.35, 0.6))
            page.text(76, y, heading, 15, bold=True)
            y = page.paragraph(76, y + 28, words, 62, 13, 1.55) + 34
        pages.append(page)
        page.text(290, 400, str(len(pages)), 10)
    return pages


def _dense(title: str, sections: Any) -> list[Page]:
    """One page, small type over its whole width, no headings."""
    page = Page(SHEET)
    page.text(30, 40, title, 9)
    page.paragraph(30, 54, " ".join(f"{heading}. {words}" for heading, words in sections), 130, 8, 1.1)
    return [page]


def _columns(title: str, sections: Any) -> list[Page]:
    """One page, two columns."""
    page = Page(SHEET)
    page.text(50, 80, title, 17, bold=True)
    for column, part in enumerate((sections[:2], sections[2:])):
        x, y = 50 + 255 * column, 125.0
        for heading, words in part:
            page.text(x, y, heading, 12, bold=True)
            y = page.paragraph(x, y + 18, words, 44, 10.5, 1.4) + 16
    return [page]
