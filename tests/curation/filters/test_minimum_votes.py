"""Too few votes."""

from curation.filters import Context, minimum_votes


def test_counts_votes(pair_table):
    table = pair_table({"votes": "aa"}, {"votes": "aab"}, {})
    for action in ("drop", "review"):
        found = minimum_votes.decide(table, {"least": 3, "action": action}, Context())
        assert found.action_N.tolist() == [action, "keep", action]
        assert found.reason_N.tolist() == ["too_few_votes", "", "too_few_votes"]
        assert found.score_N.tolist() == [2, 3, 0]
