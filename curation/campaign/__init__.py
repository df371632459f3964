"""Campaigns: from a pool of doubtful pairs and a little human attention to a dataset with labels that can be trusted.

Two stages, after Skywork-Reward-V2 (Liu et al. 2025, arXiv 2507.01352). In the first, rounds: a model learns from what
models labelled (silver) and is tried on what people labelled (gold); where it errs, similar pairs are fetched from the
pool, people label some of them and language models the others, with people's answers as examples. In the second the
whole pool is settled: what the best model is sure of needs no new label, the rest is judged, and a pair stays only if
a model of people's labels alone agrees with it.

Every part that could be done otherwise is a plug-in, one file each in the folder of its stage (`STAGES`); the
docstring of the folder says what its plug-ins fulfil (tests/curation/campaign/test_contract.py holds them to it):

    TITLE, SUMMARY : str
    SETTINGS : dict                    JSON Schema of the settings, closed; a property without a default is required
    and one function, which is different for each stage
    check(settings) -> None            optional: raises `CampaignError` for what the schema cannot say

`plan` reads the YAML that names a plug-in for each stage, `rounds` runs it over a `source.Source`, and keeps each step
in a `files.Files`, so that whoever is killed goes on where they were. Pure: knows no Django.
Shapes: N pairs of the pool, T of some of them, G of gold.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

import pyarrow as pa

from annotate import discovery
from curation.clients import Completion, Request
from curation.ports import Models

STAGES = ("hygiene", "attributes", "training", "retrieving", "people", "labelling", "consistency")


class CampaignError(RuntimeError):
    """A campaign that cannot go on; the message is written for people."""


class BudgetSpent(CampaignError):
    """Raised by ``ask`` once the money or the tokens are spent; the campaign goes on without."""


class People(Protocol):
    """How a campaign reaches people.

    ``ask``: put pairs into their queue, the first before the others; asked again, nothing changes.
    ``answers``: by row id the votes (`pairs.VOTE` as dicts) of those pairs that are answered, or that nobody waits for
    any longer (an empty list); the others are missing, and the campaign waits for them.
    """

    def ask(self, table: pa.Table, described: Sequence[Mapping[str, Any]], round_: int) -> None: ...
    def answers(self, row_ids: Sequence[str]) -> Mapping[str, list[dict[str, Any]]]: ...


def in_threads(do: Callable[[Any], Any], items: Sequence[Any], workers: int) -> list[Any]:
    """``do`` of each item, so many at a time, in the items' order."""
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(do, items))


def _no_ask(request: Request, endpoint: str) -> tuple[Completion, str]:
    raise CampaignError("No model server is known here, so nothing can be asked of a language model.")


def _no_train(train: pa.Table, validation: pa.Table | None, recipe: Mapping[str, Any], name: str) -> str:
    raise CampaignError("No trainer of reward models is registered here.")


@dataclass(frozen=True)
class Tools:
    """What a campaign may use.

    Attributes
    ----------
    models : the models of `curation.ports`.
    people : how people are asked.
    ask : as `curation.judges.Tools.ask`: cached, limited and paid for by the caller.
    train : (train, validation, recipe, name) -> identifier of a reward model; the same name again is the same model.
    benchmarks : the texts of every benchmark file that is known here, by name.
    spent : money spent so far.
    each : (do, items, how many at once) -> what it makes of each, in order.
    """

    models: Models
    people: People
    ask: Callable[[Request, str], tuple[Completion, str]] = _no_ask
    train: Callable[[pa.Table, pa.Table | None, Mapping[str, Any], str], str] = _no_train
    benchmarks: Callable[[], Mapping[str, Sequence[str]]] = field(default=dict)
    spent: Callable[[], float] = field(default=lambda: 0.0)
    each: Callable[[Callable[[Any], Any], Sequence[Any], int], list[Any]] = in_threads


def names(stage: str) -> tuple[str, ...]:
    """Identifiers of the plug-ins of a stage."""
    return discovery.names(f"{__name__}.{stage}")


def get(stage: str, name: str) -> ModuleType:
    """The plug-in ``name`` of a stage; `discovery.UnknownPlugin` lists those that exist."""
    return discovery.load(f"{__name__}.{stage}", name)
