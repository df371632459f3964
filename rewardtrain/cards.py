"""The model card, MODEL_CARD.md: what a reward model is, what it learnt from, how good it is and where it ends. Pure.

``facts`` is what `rewardtrain.selectors.card_facts` gathers:

    {"name", "backbone", "loss", "recipe": {…}, "card": reward.json,
     "data": {"name", "hash", "rows": {split: n}, "votes", "raters", "gold", "agreement": [...], "license", "notice",
              "url", "lineage_url"},
     "splits": {"train": {"rows", "truncated", …}},
     "evaluations": [{"suite", "data", "figures"}]}

The form follows Mitchell et al. 2019, arXiv 1810.03993.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from curation.layout import line, table_of

LIMITS = (
    "A reward says which of several responses to one prompt is better; rewards of different prompts do not compare.",
    "The reward stands for what these raters preferred under these guidelines, not for what is true or harmless.",
    "Optimised against hard enough, it is over-optimised: check with a gold reward (the suite best_of_n), and score "
    "with an ensemble's lower bound.",
)


def markdown(facts: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    data = facts["data"]
    parts = [
        f"# {line(facts['name'])}",
        f"A reward model: prompt and response in, one number out. Trained by Touchstone on {line(data['name'])} from "
        f"{line(facts['backbone'])} with the loss {line(facts['loss'])}.",
        "## How it scores",
        table_of(["what", "value"], _scoring(facts["card"])),
        "## Data",
        f"The dataset version `{data['hash']}`, which never changes.",
        table_of(["split", "rows"], [[split, f"{rows:,}"] for split, rows in data["rows"].items()]),
        _labels(data),
        f"{_link('Its rows', data['url'])}, and {_link('where they come from', data['lineage_url'])}.",
        "## How good it is",
        *_evaluations(facts["evaluations"]),
        "## Limits",
        "\n".join(f"- {text}" for text in limits(facts)),
        "## Recipe",
        table_of(["setting", "value"], [[name, _plain(value)] for name, value in flat(facts["recipe"]).items()]),
    ]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def limits(facts: Mapping[str, Any]) -> list[str]:
    """What is known of where the model ends, from its figures, then what holds of every reward model."""
    found = []
    train = facts["splits"].get("train", {})
    length = facts["recipe"].get("max_length")
    if train.get("truncated"):
        found.append(
            f"It reads {length} tokens of prompt and response; {train['truncated']:,} of {train['sequences']:,} texts "
            "of the train split were longer and were cut."
        )
    elif length:
        found.append(f"It reads {length} tokens of prompt and response; what is longer is cut.")
    for row in facts["evaluations"]:
        figures, where = row["figures"], f"{line(row['suite'])} on {line(row['data'])}"
        difference = figures.get("baselines", {}).get("longer", {}).get("difference") or {}
        if difference.get("low") is not None and difference["low"] <= 0:
            found.append(f"It is not shown to be better than *the longer response wins* ({where}).")
        if figures.get("overoptimised"):
            found.append(f"It is over-optimised beyond the best of {figures['fall']['peak']} responses ({where}).")
    if all(row["suite"] == "pairs" and row["own"] for row in facts["evaluations"]):
        found.append(
            "It was measured on rows drawn like those that it learnt from; how it does on other prompts is not known."
        )
    return [*found, *LIMITS]


def flat(recipe: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """A recipe's settings by dotted name: {"loss_settings": {"k": 5}} is {"loss_settings.k": 5}."""
    found: dict[str, Any] = {}
    for name, value in recipe.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{before}{name}.") or {f"{before}{name}": "none"}
        else:
            found[f"{before}{name}"] = value
    return found


def _plain(value: Any) -> Any:
    return "–" if value in ("", None) else {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _scoring(card: Mapping[str, Any]) -> list[list[Any]]:
    loaders = {
        "transformers": "AutoModelForSequenceClassification, and touchstone",
        "touchstone": "touchstone alone (rewardtrain.scoring.Scorer, or the scoring server)",
    }
    rows: list[tuple[str, Any]] = [
        ("head", card.get("head")),
        ("pooling", card.get("pooling")),
        ("scoring position", card.get("scoring_position")),
        ("template", card.get("template")),
        ("maximum length, tokens", card.get("max_length")),
        ("pad token, end token", _both(card.get("pad_token_id"), card.get("eos_token_id"))),
        ("loader", loaders.get(card.get("loader", ""), card.get("loader"))),
        ("members of the ensemble", len(card["members"]) if card.get("members") else None),
        ("temperature of its probabilities", card.get("temperature")),
        ("dimensions", ", ".join((card.get("facts") or {}).get("dimensions", ()))),
    ]
    return [[name, value] for name, value in rows if value not in (None, "")]


def _link(text: str, url: str) -> str:
    """A link where the address is whole, else the address beside the words."""
    return f"[{text}]({url})" if url.startswith("http") else f"{text} (`{url}`)"


def _both(pad: Any, end: Any) -> str | None:
    return None if pad is None and end is None else ", ".join("none" if one is None else str(one) for one in (pad, end))


def _labels(data: Mapping[str, Any]) -> str:
    parts = []
    if data.get("votes"):
        parts.append(f"{data['votes']:,} votes by {data['raters']:,} raters; {data['gold']:,} pairs have a gold label.")
    whole = next((row for row in data.get("agreement") or () if not row["group"]), None)
    if whole and whole["value"] is not None:
        parts.append(f"People agree by Krippendorff's alpha {_figure(whole)} on {whole['rows']:,} pairs.")
    if data.get("license"):
        parts.append(f"Licence: {line(data['license'])}.")
    if data.get("notice"):
        parts.append(line(data["notice"]))
    return " ".join(parts)


def _evaluations(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    if not rows:
        return ["It has not been measured yet."]
    lines, beside = [], []
    for row in rows:
        figures = row["figures"]
        block = figures.get("against", {}).get(figures.get("headline"), figures)
        honest = block.get("clustered") or figures.get("accuracy")
        ece = (block.get("calibration") or {}).get("ece")
        own = [row["suite"], row["data"]]
        lines.append([*own, f"{figures.get('n', 0):,}", _figure(honest), "–" if ece is None else f"{ece:.3f}"])
        for name, baseline in figures.get("baselines", {}).items():
            called = "longer wins" if name == "longer" else name
            beside.append([*own, called, _figure(baseline), _figure(baseline.get("difference"))])
    found = [table_of(["suite", "data", "n", "accuracy", "ECE"], lines)]
    if beside:
        found += [
            "Beside what costs nothing, on the same rows:",
            table_of(["suite", "data", "baseline", "accuracy", "model less it"], beside),
        ]
    return [*found, "In brackets stand 95 % intervals, over groups of rows where rows hang together."]


def _figure(row: Mapping[str, Any] | None) -> str:
    if not row or row.get("value") is None:
        return "–"
    interval = f" ({row['low']:.3f} to {row['high']:.3f})" if row.get("low") is not None else ""
    return f"{row['value']:.3f}{interval}"
