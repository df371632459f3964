"""What a dataset version tells other tools: croissant.json, in Croissant 1.1 with its vocabulary for responsible AI.

    {"@type": "sc:Dataset", "name": …, "distribution": [files with SHA-256, …], "recordSet": [splits, pairs]}

It stands beside the manifest that it is made from and is no part of the version's hash. What the standard asks for and
nobody knows is left out, never made up: without a known licence there is no ``license``.

Sources: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html and
https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from curation import pairs

FILE = "croissant.json"
STANDARD = "http://mlcommons.org/croissant/1.1"
RESPONSIBLE_AI = "http://mlcommons.org/croissant/RAI/1.0"
PARQUET = "application/x-parquet"
FILES = "parquet-files"
MODELS = ("language_model", "reward_model", "rule")

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "citeAs": "cr:citeAs",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{
        name: f"cr:{name}"
        for name in (
            "arrayShape", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject",
            "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
            "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate",
            "separator", "source", "subField", "transform",
        )
    },
    "examples": {"@id": "cr:examples", "@type": "@json"},
}  # fmt: skip

_TYPES = {
    pa.string(): "sc:Text",
    pa.large_string(): "sc:Text",
    pa.float32(): "cr:Float32",
    pa.float64(): "cr:Float64",
    pa.int32(): "cr:Int32",
}

_MEANING = {
    "row_id": "SHA-256 of prompt and responses",
    "item": "the item that the pair belongs to",
    "group": "rows of one group never stand in two splits; empty means the prompt itself",
    "prompt": "JSON list of messages with role and content",
    "media_a": "content-addressed files of the first response",
    "media_b": "content-addressed files of the second response",
    "p_a": "consensus probability that the first response is better",
    "p_tie": "consensus probability that both are as good",
    "p_b": "consensus probability that the second response is better",
    "p_both_bad": "consensus probability that both are bad",
    "strength": "mean signed strength from -1 to 1, positive where the first is better",
    "margin": "margin asked of the rewards in training",
    "weight": "weight in training",
    "votes": "what each rater said",
    "gold": "outcome verified by people or released with the data",
    "metadata": "JSON",
}


def describe(manifest: Mapping[str, Any], sizes: Mapping[str, int], published: date) -> dict[str, Any]:
    """The description of a version as plain JSON-LD.

    Parameters
    ----------
    manifest : as `curation.manifests.manifest` makes it, with the digests of the files; where its lineage says how far
        people agree, so does the description.
    sizes : bytes of each of its files.
    """
    lineage = manifest["lineage"]
    rows = sum(manifest["rows"].values())
    known = {
        "license": lineage.get("license"),
        "inLanguage": lineage.get("language"),
        **_responsible(manifest, rows),
    }
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [STANDARD, RESPONSIBLE_AI],
        "name": manifest["pipeline"]["name"],
        "description": f"{rows:,} pairs of responses with what {manifest['raters']:,} raters believed of them in "
        f"{manifest['votes']:,} votes. {lineage.get('notice', '')}".strip(),
        "url": f"urn:sha256:{manifest['hash']}",
        "version": f"1.0.0+{manifest['hash'][:12]}",
        "datePublished": published.isoformat(),
        "creator": {"@type": "sc:Organization", "name": "Touchstone"},
        "keywords": ["preference", "reward model"],
        **{name: value for name, value in known.items() if value},
        "distribution": [*_files(manifest, sizes), _file_set()],
        "recordSet": [_splits(manifest), _pairs()],
    }


def _responsible(manifest: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """What we know of how the labels came about."""
    kinds = {kind or "not told": votes for kind, votes in manifest["kinds"].items()}
    by_models = {kind: votes for kind, votes in kinds.items() if kind in MODELS}
    stages = [
        f"{stage['stage']}. {stage['title']}: {stage['rows_in']:,} rows in, {stage['rows_out']:,} out"
        for stage in manifest["stages"]
    ]
    return {
        "rai:dataAnnotationPlatform": "Touchstone",
        "rai:dataAnnotationProtocol": "Votes by kind of rater: "
        + ", ".join(f"{kind.replace('_', ' ')} {votes:,}" for kind, votes in kinds.items()),
        "rai:annotationsPerItem": f"{manifest['votes'] / rows:.2f} votes a pair on average",
        "rai:dataAnnotationAnalysis": [_agreement(found) for found in manifest["lineage"].get("agreement") or []],
        "rai:machineAnnotationTools": [
            f"{kind.replace('_', ' ')}: {votes:,} votes" for kind, votes in by_models.items()
        ],
        "rai:dataPreprocessingProtocol": stages,
    }


def _agreement(found: Mapping[str, Any]) -> str:
    """How far people agree on some rows, as `curation.agreement.people` finds it."""
    where = f"group {found['group']}" if found["group"] else "all rows"
    value = "not defined" if found["value"] is None else f"{found['value']:.3f}"
    if found["low"] is not None and found["high"] is not None:
        value += f", 95 % interval {found['low']:.3f} to {found['high']:.3f}"
    return f"Krippendorff's alpha (nominal) of people on {where}: {value}; {found['votes']:,} votes"


def _files(manifest: Mapping[str, Any], sizes: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": name,
            "contentSize": f"{sizes[name]} B",
            "encodingFormat": PARQUET,
            "sha256": digest,
        }
        for name, digest in manifest["files"].items()
    ]


def _file_set() -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": FILES,
        "name": FILES,
        "description": "The rows of all splits.",
        "encodingFormat": PARQUET,
        "includes": "data/*-of-*.parquet",
    }


def _splits(manifest: Mapping[str, Any]) -> dict[str, Any]:
    field = {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"}
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [field],
        "data": [{"splits/name": split} for split in manifest["rows"]],
    }


def _pairs() -> dict[str, Any]:
    split = {
        **_named("pairs/split", "the split that the row belongs to"),
        "dataType": ["cr:Split", "sc:Text"],
        "references": {"field": {"@id": "splits/name"}},
        "source": {
            "fileSet": {"@id": FILES},
            "extract": {"fileProperty": "fullpath"},
            # fits its own result too: mlcroissant applies it once more after the join
            "transform": {"regex": r"^.*?([a-z]+)(?:-\d+-of-\d+\.parquet)?$"},
        },
    }
    fields = [_field(f"pairs/{field.name}", field.type, field.name) for field in pairs.SCHEMA]
    return {"@type": "cr:RecordSet", "@id": "pairs", "name": "pairs", "field": [split, *fields]}


def _named(id: str, meaning: str = "") -> dict[str, Any]:
    field = {"@type": "cr:Field", "@id": id, "name": id.rsplit("/", 1)[-1]}
    return {**field, "description": meaning} if meaning else field


def _field(id: str, kind: pa.DataType, column: str, path: str = "") -> dict[str, Any]:
    """One column, or the ``path`` below it where it is a list of structs."""
    field = _named(id, "" if path else _MEANING.get(column, ""))
    if pa.types.is_list(kind):
        field |= {"isArray": True, "arrayShape": "-1"}
        kind = kind.value_type
    if pa.types.is_struct(kind):
        return field | {"subField": [_field(f"{id}/{part.name}", part.type, column, part.name) for part in kind.fields]}
    source: dict[str, Any] = {"fileSet": {"@id": FILES}, "extract": {"column": column}}
    if path:
        source["transform"] = {"jsonPath": path}
    return field | {"dataType": _TYPES[kind], "source": source}
