"""Demo content of our own making, with the truth known: what consensus, curation and training recover can be checked.

Everything here is made up: the prompts and responses (`prompts`), the generated questions (`generated`), the drawn
image edits (`edits`), and the people who judge them (`people`). `items` joins them in the shape of the ``votes``
format, `projects` says how they are asked. Pure: knows no Django.
"""

from collections.abc import Mapping
from dataclasses import dataclass

OVERALL = "overall"
TOP = 3  #: The best grade; the worst is 0.


@dataclass(frozen=True, slots=True)
class Candidate:
    """A response of known quality.

    Attributes
    ----------
    grades : 0 (useless or harmful) to 3 (right, complete, well put), "overall" and by dimension.
    kind : the kind of flaw, one word; "" where there is none.
    flaw : what is wrong, as the end of a sentence that begins with "It"; "" where nothing is.
    media : file names, for pictures.
    """

    text: str
    grades: Mapping[str, int]
    kind: str = ""
    flaw: str = ""
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A prompt with its candidates, the best first; ``media`` are its source pictures.

    ``group``: samples of one group are alike and belong into one split; "" for a prompt that stands alone.
    """

    id: str
    prompt: str
    candidates: tuple[Candidate, ...]
    category: str
    group: str = ""
    media: tuple[str, ...] = ()
