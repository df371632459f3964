"""Ranked pictures."""

import pytest

from curation.formats import RowError, imagereward
from curation.reading import open_source

ROW = imagereward.EXAMPLE


def test_ranks_with_ties_are_one_ranking():
    parsed = imagereward.parse(ROW)
    assert [response.media for response in parsed.responses] == [(name,) for name in ROW["generations"]]
    ((ranking,),) = (answer.records for answer in parsed.answers)
    assert ranking.ranks == {"0": 1, "1": 2, "2": 2}
    assert parsed.external_id == "1-1"


def test_gaps_are_left_to_the_ranking_itself():
    (answer,) = imagereward.parse({**ROW, "ranking": [1, 2, 5]}).answers
    assert answer.records[0].ranks == {"0": 1, "1": 2, "2": 5}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ranking": [1, 2]}, "3 generations, but 2 ranks"),
        ({"ranking": [0, 1, 2]}, "A rank is 0"),
        ({"ranking": [1, True, 2]}, "A rank is True"),
        ({"ranking": [1, 2, 2.5]}, "A rank is 2.5"),
        ({"ranking": None}, "a list is expected"),
        ({"generations": []}, "0 generations"),
        ({"generations": ["a.png", 3, ""]}, "a list of files"),
        ({"prompt": None}, "prompt is missing"),
    ],
)
def test_bad_rows(changes, message):
    with pytest.raises(RowError, match=message):
        imagereward.parse({**ROW, **changes})


@pytest.mark.real_data
def test_the_released_rankings_parse_fully(real_data):
    with open_source(real_data / "imagereward_test_rankings/test.json") as reader:
        found = [imagereward.parse(row.data) for row in reader]
    assert len(found) == 466
    ranks = [list(parsed.answers[0].records[0].ranks.values()) for parsed in found]
    assert sum(len(set(own)) < len(own) for own in ranks) == 349
    assert {len(own) for own in ranks} == {4, 5, 6, 7, 8, 9}
