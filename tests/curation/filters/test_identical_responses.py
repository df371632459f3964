"""One response with itself."""

from curation.filters import Context, identical_responses


def test_media_tell_responses_apart(pair_table):
    table = pair_table(
        {"response_a": "s", "response_b": "s"},
        {"response_a": "s", "response_b": "s", "media_a": ["sha256:1"]},
        {"response_a": "s", "response_b": "t"},
    )
    found = identical_responses.decide(table, {}, Context())
    assert found.action_N.tolist() == ["drop", "keep", "keep"]
