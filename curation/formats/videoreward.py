"""VideoGen-RewardBench, VideoReward's test set: two videos of one prompt, compared in three dimensions and overall.

    path_A,path_B,A_model,B_model,prompt,VQ,MQ,TA,Overall,fps_A,num_frames_A,…
    videos/m1/1.mp4,videos/m2/1.mp4,m1,m2,"A metal ball rolls …",A,same,B,A,30.0,153,…

VQ is visual quality, MQ motion quality, TA text alignment; each is A, B or same. Source:
https://huggingface.co/datasets/KlingTeam/VideoGen-RewardBench (README, "Data Instances"); arXiv 2501.13918. An empty
cell is a dimension that was not judged.
"""

from collections.abc import Mapping
from typing import Any

from curation.formats import Parsed, ParsedResponse, ParsedVote, RowError, clip
from curation.formats._answers import asked, files
from curation.formats._fields import IMPORTER, missing, optional_text, rest

TITLE = "VideoReward"
SUMMARY = "Two videos of one prompt: A, B or same for visual quality, motion quality, text alignment and overall."
EXAMPLE = {
    "path_A": "videos/m1/1.mp4",
    "path_B": "videos/m2/1.mp4",
    "A_model": "m1",
    "B_model": "m2",
    "prompt": "A metal ball rolls over a table.",
    "VQ": "A",
    "MQ": "same",
    "TA": "B",
    "Overall": "A",
    "fps_A": 24.0,
}
DIMENSIONS = {"Overall": "", "VQ": "VQ", "MQ": "MQ", "TA": "TA"}
_OUTCOMES = {"A": "a", "B": "b", "same": "tie"}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One pair with a vote for each dimension that was judged."""
    prompt = asked(row, "prompt")
    votes = []
    for name, dimension in DIMENSIONS.items():
        if not missing(row, name):
            outcome = _OUTCOMES.get(str(row[name]))
            if outcome is None:
                raise RowError(f"{name} is {clip(row[name])}; A, B or same is expected.")
            votes.append(ParsedVote(IMPORTER, outcome, dimension=dimension))
    if not votes:
        raise RowError(f"None of {', '.join(DIMENSIONS)} was judged.")
    responses = []
    for side in "AB":
        if not (media := files(row.get(f"path_{side}"), f"path_{side}")):
            raise RowError(f"path_{side} is missing.")
        responses.append(ParsedResponse("", optional_text(row, f"{side}_model"), media))
    used = ("prompt", "path_A", "path_B", "A_model", "B_model", *DIMENSIONS)
    return Parsed(prompt, tuple(responses), votes=tuple(votes), metadata=rest(row, used))
