"""Import every folder of real annotations whole, through formats and mappings, and print what became of it.

Data: the folder that ``TOUCHSTONE_DATA`` names. Each file set goes into a project of its own, whose form asks for every
kind of feedback that fits together; so what a form cannot ask beside the rest is counted, not lost silently.

    TOUCHSTONE_DATA=… .venv/bin/python -m bench.real_data [folder …]

Prints a table: folder, rows, items, answers, rejected rows and answers by reason, what was left out, seconds. The
database is a throw-away SQLite file.
"""

import csv
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple


class Source(NamedTuple):
    """Files that go into one project: how they are read, and the questions that it asks."""

    folder: str
    files: str
    how: str  # a format, or "mapping:name"
    questions: tuple[tuple[str, dict[str, Any]], ...]


PAIR = ("pairwise", {"tie": True})
WHY = ("critique", {"about": "overall"})
FINEGRAINED = {
    "categories": [
        {"name": name, **({} if placed else {"placed": False})}
        for name, placed in (
            *((name, True) for name in ("Irrelevant", "Redundant", "Incoherent", "Wrong-Grounding", "Unverifiable")),
            *((f"Missing-{name}", False) for name in ("Answer", "Major-Auxiliary", "Minor-Auxiliary")),
        )
    ],
    "explanation": True,
}
SHEPHERD = [{"name": name} for name in ("justification", "relevance")]
ERRORS = [
    {"name": name}
    for name in (
        *("COHERENCE_AND_DEDUCTION", "COMMONSENSE", "REDUNDANCY", "ARITHMETIC", "VERACITY"),
        "CONSISTENCY_WITH_CONTEXT",
    )
]
SCALES = ("range_image_appeal", "range_realism", "range_prompt_matching", "range_image_quality")
SOURCES = (
    Source("convarg", "pairs.jsonl.gz", "votes", (PAIR, WHY)),
    Source("pandalm_testset", "testset-v1.json", "pandalm", (PAIR,)),
    Source("alpaca_eval_gpt4", "*.json.gz", "mapping:alpaca_eval_gpt4", (PAIR,)),
    *(
        Source("toloka_scratchplot", f"{aspect}/full*.tsv", "mapping:toloka_scratchplot", (("rating", {}),))
        for aspect in ("naturalness", "coherence", "interestingness")
    ),
    Source("toloka_scratchplot", "ending/full*.tsv", "mapping:toloka_scratchplot_endings", (PAIR,)),
    Source("finegrained_rlhf", "*.json", "mapping:finegrained_rlhf", (("span", FINEGRAINED), ("revision", {}))),
    Source("finegrained_rlhf", "*.json", "mapping:finegrained_rlhf", (PAIR,)),
    Source("big_bench_mistake", "*.jsonl", "mapping:big_bench_mistake", (("step", {"mode": "first_error"}),)),
    Source("biggen_bench_rubrics", "*.json", "mapping:biggen_bench_rubrics", (("rating", {"item_levels": True}),)),
    Source("shepherd", "human_data_for_model.jsonl", "mapping:shepherd", (("critique", {}),)),
    Source(
        "shepherd",
        "human_data_raw.jsonl",
        "mapping:shepherd_raw",
        (("rating", {"dimensions": SHEPHERD}), ("critique", {"aspects": ERRORS})),
    ),
    Source("metacritique", "annotation_data.json", "mapping:metacritique", (("step", {"neutral": False}),)),
    Source("llmbar", "LLMBar/**/dataset.json", "mapping:llmbar", (PAIR,)),
    Source("llmbar", "Processed/**/dataset.json", "mapping:llmbar", (PAIR,)),
    Source(
        "ai_images",
        "ratings.csv",
        "mapping:ai_images",
        tuple(("rating", {"dimensions": [{"name": scale}]}) for scale in SCALES),
    ),
    Source("tifa_human", "*.json", "mapping:tifa_human", (("rating", {"dimensions": [{"name": "faithfulness"}]}),)),
    Source("imagereward_test_rankings", "*.json", "mapping:imagereward_test_rankings", (("ranking", {"ties": True}),)),
)


def main() -> None:
    data = Path(os.environ.get("TOUCHSTONE_DATA", ""))
    if not os.environ.get("TOUCHSTONE_DATA") or not data.is_dir():
        raise SystemExit("Set TOUCHSTONE_DATA to the folder of real annotations.")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "DATA_DIR": folder}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        print(f"{'folder':28} {'rows':>7} {'items':>7} {'known':>7} {'answers':>8} {'rejected':>8} {'seconds':>8}")
        for source in SOURCES:
            if not sys.argv[1:] or source.folder in sys.argv[1:]:
                _report(source, data, Path(folder))


def _report(source: Source, data: Path, scratch: Path) -> None:
    from annotate import feedback, services
    from annotate.commands import find_or_create_organisation
    from curation import mapping
    from curation.importing import import_items

    missing = [kind for kind, _ in source.questions if kind not in feedback.names()]
    if missing:
        print(f"{source.folder:28} there is no feedback kind {missing[0]!r}")
        return
    questions = [
        {"name": f"q{place}", "kind": kind, "title": kind, "required": False, "settings": settings}
        for place, (kind, settings) in enumerate(source.questions)
    ]
    name = f"{source.folder} {source.files} {questions[0]['kind']}"
    organisation = find_or_create_organisation("Bench")
    project = services.create_project(organisation=organisation, name=name[:120], questions=questions, overlap=1)
    how = {"format": source.how}
    if source.how.startswith("mapping:"):
        how = {"mapping": mapping.shipped()[source.how.removeprefix("mapping:")]}
    sums: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    begun = time.perf_counter()
    for file in sorted((data / source.folder).glob(source.files)):
        result = import_items(project=project, source=file, rejected_path=scratch / "rejected.csv", **how)
        fields = ("rows", "items", "known", "answers", "rejected", "answers_rejected")
        sums.update({field: getattr(result, field) for field in fields})
        reasons.update(result.left_out)
        if result.rejected_file:
            with open(result.rejected_file, newline="", encoding="utf-8") as rows:
                reasons.update(row["reason"][:110] for row in csv.DictReader(rows))
    seconds = time.perf_counter() - begun
    rejected = sums["rejected"] + sums["answers_rejected"]
    figures = f"{sums['rows']:7,} {sums['items']:7,} {sums['known']:7,} {sums['answers']:8,} {rejected:8,}"
    print(f"{source.folder:28} {figures} {seconds:8.1f}")
    for reason, count in reasons.most_common(4):
        print(f"{'':28} {count:7,} × {reason}")


if __name__ == "__main__":
    main()
