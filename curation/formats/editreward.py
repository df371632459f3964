"""EditReward: two edits of a picture, each rated for following the instruction and for visual quality.

    {"prompt": "Make the sandwich a hot dog.", "path_src": "s.png", "path1": "a.png", "path2": "b.png",
     "model1": "m1", "model2": "m2", "model1_dim1_score": 4, "model1_dim2_score": 2, "model1_overall_score": 6, …,
     "tie_case": true, "choice_dist": null, "confidence": null}

Sources: https://github.com/TIGER-AI-Lab/EditReward (EditReward/TRAIN_README.md: path1 is the preferred one, dimension 1
is instruction following, 2 visual quality) and its evaluation code (equal scores are a tie). Since the first path
always wins, the two are dealt by their content, so that position carries no label. Scores go from 1 to 4.
"""

from collections.abc import Mapping
from typing import Any

from annotate.records import Rating
from curation import pairs
from curation.formats import Parsed, ParsedResponse, ParsedVote, RowError, clip
from curation.formats._answers import answer, asked, files, rating
from curation.formats._fields import IMPORTER, number, optional_text, rest

TITLE = "EditReward"
SUMMARY = "Two edits of a source picture with ratings from 1 to 4 in two dimensions, and which is better overall."
EXAMPLE = {
    "prompt": "Make the sky red.",
    "path_src": "1/source.png",
    "path1": "1/a.png",
    "path2": "1/b.png",
    "model1": "m1",
    "model2": "m2",
    "model1_dim1_score": 4,
    "model1_dim2_score": 3,
    "model1_overall_score": 7,
    "model2_dim1_score": 2,
    "model2_dim2_score": 3,
    "model2_overall_score": 5,
    "tie_case": False,
}
DIMENSIONS = {"dim1": "instruction_following", "dim2": "visual_quality"}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One pair, with the overall vote, a vote for each dimension that both were rated in, and the ratings."""
    prompt = asked(row, "prompt")
    sides = sorted((1, 2), key=lambda side: pairs.content_hash([row["prompt"], *_file(row, f"path{side}")]))
    records: list[Rating] = []
    for place, side in enumerate(sides):
        for short, dimension in DIMENSIONS.items():
            records += rating(row, f"model{side}_{short}_score", place, low=1, high=4, dimension=dimension)
    scores = {(record.dimension, record.response): record.value for record in records}
    used = [f"{name}{side}" for name in ("path", "model") for side in (1, 2)]
    used += [f"model{side}_{short}_score" for side in (1, 2) for short in DIMENSIONS]
    return Parsed(
        prompt,
        tuple(ParsedResponse("", optional_text(row, f"model{side}"), _file(row, f"path{side}")) for side in sides),
        media=files(row.get("path_src"), "path_src"),
        votes=(
            ParsedVote(IMPORTER, _overall(row, sides)),
            *(
                ParsedVote(IMPORTER, _better(scores[name, "0"], scores[name, "1"]), dimension=name)
                for name in DIMENSIONS.values()
                if {(name, "0"), (name, "1")} <= scores.keys()
            ),
        ),
        answers=answer(records),
        metadata=rest(row, ("prompt", "path_src", *used)),
    )


def _file(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = files(row.get(name), name)
    if len(found) != 1:
        raise RowError(f"{name} is {clip(row.get(name))}; one file is expected.")
    return found


def _overall(row: Mapping[str, Any], sides: list[int]) -> str:
    tie = row.get("tie_case")
    if tie in (True, "true", "True"):
        return "tie"
    if tie not in (None, "", False, "false", "False"):
        raise RowError(f"tie_case is {clip(tie)}; true or false is expected.")
    first, second = (number(row, f"model{side}_overall_score") for side in sides)
    if first is None or second is None:
        return "a" if sides[0] == 1 else "b"  # the first path is the preferred one
    return _better(first, second)


def _better(first: float, second: float) -> str:
    return "a" if first > second else "b" if second > first else "tie"
