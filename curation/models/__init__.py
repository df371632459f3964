"""The tables of curation, cut by noun."""

from curation.models.agreement import AgreementReport, Consensus, ConsensusRun
from curation.models.dataset import Dataset, DatasetVersion
from curation.models.pool import PassPart, Pool, PoolPass, PoolShard
from curation.models.quality import QualityReport

__all__ = (
    "AgreementReport",
    "Consensus",
    "ConsensusRun",
    "Dataset",
    "DatasetVersion",
    "PassPart",
    "Pool",
    "PoolPass",
    "PoolShard",
    "QualityReport",
)
