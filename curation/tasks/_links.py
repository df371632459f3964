"""Where finished jobs lead to."""

from typing import Any

from django.urls import reverse


def link(title: str, url: str, *args: Any, **more: Any) -> dict[str, Any]:
    return {"title": title, "url": reverse(url, args=args), **more}
