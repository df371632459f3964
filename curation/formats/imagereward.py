"""ImageReward: several pictures of one prompt, ranked; ties are common and ranks may have gaps.

    {"id": "005658-0040", "prompt": "…", "generations": ["images/0040/a.webp", "images/0040/b.webp"], "ranking": [1, 2]}

1 is best. Source: https://github.com/THUDM/ImageReward (data/test.json, read). Pictures are expected beside the file;
a row whose pictures are missing is refused when it is imported, with their name. The hub's ImageRewardDB has a
picture a row and is not read here.
"""

from collections.abc import Mapping
from typing import Any

from annotate.records import Ranking
from curation.formats import Parsed, ParsedResponse, RowError, clip
from curation.formats._answers import LOOSE, answer, asked, files, listed
from curation.formats._fields import optional_text, rest

TITLE = "ImageReward"
SUMMARY = "Several pictures of one prompt with their ranks; pictures of equal rank tie."
EXAMPLE = {
    "id": "1-1",
    "prompt": "A lighthouse at dusk.",
    "generations": ["images/1/a.webp", "images/1/b.webp", "images/1/c.webp"],
    "ranking": [1, 2, 2],
}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One ranking of the rater "import"."""
    prompt = asked(row, "prompt")
    pictures = files(row.get("generations"), "generations")
    ranks = listed(row.get("ranking"), "ranking")
    if len(ranks) != len(pictures):
        raise RowError(f"There are {len(pictures)} generations, but {len(ranks)} ranks.")
    if wrong := [rank for rank in ranks if type(rank) is not int or rank < 1]:
        raise RowError(f"A rank is {clip(wrong[0])}; whole numbers from 1 are expected.")
    return Parsed(
        prompt,
        tuple(ParsedResponse("", media=(picture,)) for picture in pictures),
        external_id=optional_text(row, "id"),
        answers=answer([Ranking(**LOOSE, ranks={str(place): rank for place, rank in enumerate(ranks)})]),
        metadata=rest(row, ("id", "prompt", "generations", "ranking")),
    )
