"""Jobs of curation, cut by noun; each only calls a service."""

from curation.tasks.datasets import agreement, consensus, curate, export_dataset, import_items, preview, quality

__all__ = ("agreement", "consensus", "curate", "export_dataset", "import_items", "preview", "quality")
