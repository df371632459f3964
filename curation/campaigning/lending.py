"""What a campaign works with: the pairs of a version or a pool, and the organisation's models and benchmarks."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from annotate.models import Project
from curation import contexts, labels, pairs, pipeline, services, versions
from curation.applying import TRACE
from curation.campaign import CampaignError
from curation.campaign.files import Files
from curation.campaign.source import Source
from curation.models import Campaign, Dataset, PoolShard
from curation.pipeline import Result
from curation.pools import storage
from curation.ports import models_of


def source_of(campaign: Campaign) -> Source:
    """The pairs that a campaign is about."""
    if campaign.source_version is not None:
        version = campaign.source_version
        return Source.of(versions.read(version.path), version.hash)
    return _of_shards(_shards(campaign))


def _shards(campaign: Campaign) -> list[PoolShard]:
    """What its pool held when the campaign began; what is imported later is not part of it."""
    assert campaign.source_pool is not None
    held = {shard.hash: shard for shard in campaign.source_pool.shards.all()}
    hashes = Files(campaign.folder).json("shards", lambda: list(held))
    if not set(hashes) <= set(held):
        raise CampaignError("Pairs that the campaign began with were imported anew since; start another campaign.")
    return [held[hash_] for hash_ in hashes]


def _of_shards(shards: Sequence[PoolShard]) -> Source:
    @lru_cache(maxsize=1)  # pairs are mostly taken in their order
    def read(number: int) -> pa.Table:
        with storage.store().reading(shards[number].file) as path:
            return labels.with_shares(pq.read_table(path).select(pairs.SCHEMA.names))

    name = pairs.content_hash([shard.hash for shard in shards])
    return Source(tuple(shard.rows for shard in shards), read, name)


def benchmarks() -> Mapping[str, Sequence[str]]:
    """The operator's benchmark files; none where there are none."""
    folder = settings.BENCHMARKS_DIR
    return contexts.known_benchmarks() if folder.is_dir() and any(folder.iterdir()) else {}


def trained(
    campaign: Campaign, train: pa.Table, validation: pa.Table | None, recipe: Mapping[str, Any], name: str
) -> str:
    """The reward model of a table of labels, which becomes a version of its own, so that the model has a lineage."""
    project = campaign.project
    split_N = ["train"] * train.num_rows + ["validation"] * (validation.num_rows if validation is not None else 0)
    table = pa.concat_tables([train, *([validation] if validation is not None else [])])
    result = Result(
        table.append_column("split", pa.array(split_N, pa.string())),
        TRACE.empty_table(),
        [],
        pairs.content_hash([campaign.pk, name]),
    )
    made_by = pipeline.from_dict({"name": name[:120], "consensus": {"method": pipeline.KEEP_LABELS}})
    written = versions.write(result, made_by, settings.DATASETS_DIR, lineage_of(campaign))
    dataset, _ = Dataset.objects.get_or_create(project=project, name=f"{campaign.name} (training)"[:120])
    version = services.keep_version(
        dataset=dataset, written=written, pipeline_yaml=made_by.to_yaml(), user=campaign.created_by
    )
    return models_of(project.organisation_id).train(version.pk, recipe, name[:120])


def lineage_of(campaign: Campaign) -> dict[str, Any]:
    """Where a version that a campaign made comes from."""
    project: Project = campaign.project
    found: dict[str, Any] = {"parents": [campaign.source_version.hash] if campaign.source_version else []}
    if (pool := campaign.source_pool) is not None:
        found["pool"] = {"id": pool.pk, "name": pool.name, "shards": [shard.hash for shard in _shards(campaign)]}
    return {
        **found,
        "project": project.name,
        "campaign": campaign.name,
        "guidelines": project.guidelines,
        "notice": project.notice,
    }
