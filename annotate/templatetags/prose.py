"""Template filter for text that somebody else wrote: ``{% load prose %}{{ text|prose }}``."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from annotate import rendering

register = template.Library()


@register.filter
def prose(text: str, files: Sequence[Mapping[str, Any]] = ()) -> SafeString:
    """Markdown of any origin as safe HTML; wrap it in ``<div class="prose" dir="auto">``.

    ``files`` came with the text (``|prose:response.media``): ``![words](media:0)`` shows the first, if it is an image.
    """
    return mark_safe(rendering.render(text, rendering.pictures_of(files)))
