"""Documents: PDF. Annotators see pages as pictures, so nothing that a PDF can run or fetch ever does.

The file itself is kept as it came and offered as a download only: what opens a PDF may run what is in it.
"""

import io
import re
from typing import Any

from annotate.media.types import THUMBNAIL_PIXELS, Inspected, Limits, Refused, webp

TITLE = "Document"
ACCEPTED = "PDF"
APART = True
PREVIEWS = {"thumbnail": "image/webp"}
EXTENSIONS = {"application/pdf": "pdf"}
INLINE = False
ICON = False

PAGE_PIXELS = 1600  # of the longer side, as rendered
LARGEST = 14_400  # points: 200 inches, PDF's own limit
_PAGE = re.compile(r"page-([1-9][0-9]{0,5})")


def recognises(head: bytes) -> bool:
    return head.startswith(b"%PDF-")


def inspect(content: bytes, limits: Limits) -> Inspected:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Refused("Document: it is locked by a password; save it without.") from error
        raise
    count = len(document)
    if not count:
        raise Refused("Document: it has no pages.")
    if count > limits.pages:
        raise Refused(f"Document: {count} pages, the limit is {limits.pages}.")
    for number in range(count):
        width, height = document.get_page_size(number)
        if not (0 < width <= LARGEST and 0 < height <= LARGEST):
            raise Refused(
                f"Document: page {number + 1} is {width:g} x {height:g} points, the limit is {LARGEST} a side."
            )
    width, height = _rendered(document, 0, PAGE_PIXELS).size  # proves that it can be shown
    return Inspected("application/pdf", content, width, height, pages=count)


def preview(content: bytes, name: str) -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    if name == "thumbnail":
        return webp(_rendered(document, 0, THUMBNAIL_PIXELS), THUMBNAIL_PIXELS)
    page = _PAGE.fullmatch(name)
    if page is None or int(page[1]) > len(document):
        raise Refused("There is no such page.")
    buffer = io.BytesIO()
    _rendered(document, int(page[1]) - 1, PAGE_PIXELS).save(buffer, "WEBP", quality=90)
    return buffer.getvalue()


def _rendered(document: Any, index: int, side: int) -> Any:
    page = document[index]
    image = page.render(scale=side / max(page.get_size()), may_draw_forms=False).to_pil()
    return image.convert("RGB")
