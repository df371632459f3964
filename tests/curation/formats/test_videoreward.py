"""Two videos, compared in several dimensions."""

import io

import pytest

from curation.formats import RowError, videoreward
from curation.reading import open_source

ROW = videoreward.EXAMPLE


def test_each_dimension_is_a_vote():
    parsed = videoreward.parse(ROW)
    assert {vote.dimension: vote.outcome for vote in parsed.votes} == {"": "a", "VQ": "a", "MQ": "tie", "TA": "b"}
    assert [(response.model, response.media) for response in parsed.responses] == [
        ("m1", ("videos/m1/1.mp4",)), ("m2", ("videos/m2/1.mp4",)),
    ]  # fmt: skip
    assert parsed.metadata == {"fps_A": 24.0}


def test_a_csv_file_with_empty_cells():
    file = io.BytesIO(b"path_A,path_B,A_model,B_model,prompt,VQ,MQ,TA,Overall\na.mp4,b.mp4,m1,m2,A ball,same,,B,\n")
    with open_source(file, name="bench.csv") as reader:
        (parsed,) = [videoreward.parse(row.data) for row in reader]
    assert {vote.dimension: vote.outcome for vote in parsed.votes} == {"VQ": "tie", "TA": "b"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"VQ": "a"}, "VQ is 'a'; A, B or same"),
        ({"VQ": None, "MQ": "", "TA": None, "Overall": None}, "None of Overall, VQ, MQ, TA"),
        ({"path_B": ""}, "path_B is missing"),
        ({"prompt": None}, "prompt is missing"),
    ],
)
def test_bad_rows(changes, message):
    with pytest.raises(RowError, match=message):
        videoreward.parse({**ROW, **changes})
