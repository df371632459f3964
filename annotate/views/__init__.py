"""Pages and fragments of collection, cut by noun; other apps take `project_page` from here."""

from annotate.views.shell import organisation_page, project_page

__all__ = ("organisation_page", "project_page")
