"""Jobs of curation, cut by noun; each only calls a service."""

from curation.tasks.campaigns import campaign_step
from curation.tasks.datasets import (
    agreement,
    compare_versions,
    consensus,
    curate,
    export_dataset,
    export_project,
    import_items,
    preview,
    quality,
)
from curation.tasks.judge_lab import cascade, judge_lab, try_judge
from curation.tasks.judges import judge_project
from curation.tasks.pools import import_pool, pool_pass
from curation.tasks.selections import preview_selection, select

__all__ = (
    "agreement",
    "campaign_step",
    "cascade",
    "compare_versions",
    "consensus",
    "curate",
    "export_dataset",
    "export_project",
    "import_items",
    "import_pool",
    "judge_lab",
    "judge_project",
    "pool_pass",
    "preview",
    "preview_selection",
    "quality",
    "select",
    "try_judge",
)
