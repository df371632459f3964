"""The tables of curation, cut by noun."""

from curation.models.agreement import AgreementReport, Consensus, ConsensusRun
from curation.models.campaign import Campaign, Round
from curation.models.dataset import Dataset, DatasetVersion
from curation.models.judge import BILLION, Judge, JudgeCall, JudgeRun, Refusal
from curation.models.mapping import ImportMapping
from curation.models.pool import PassPart, Pool, PoolPass, PoolShard
from curation.models.quality import QualityReport
from curation.models.selection import Selection, SelectionEntry
from curation.models.standing import CascadeStudy, StandingReport
from curation.models.trial import JudgingSkill, Trial

__all__ = (
    "BILLION",
    "AgreementReport",
    "Campaign",
    "CascadeStudy",
    "Consensus",
    "ConsensusRun",
    "Dataset",
    "DatasetVersion",
    "ImportMapping",
    "Judge",
    "JudgeCall",
    "JudgeRun",
    "JudgingSkill",
    "PassPart",
    "Pool",
    "PoolPass",
    "PoolShard",
    "QualityReport",
    "Refusal",
    "Round",
    "Selection",
    "SelectionEntry",
    "StandingReport",
    "Trial",
)
