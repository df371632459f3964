"""Words of a list, as words and not as parts of others, whatever else they hold."""

from curation import filters
from curation.filters import Context, toxicity


def decide(table, context=None, **given):
    return toxicity.decide(table, filters.settings_with_defaults("toxicity", given), context or Context())


def test_looks_for_whole_words_in_the_better_response(pair_table):
    table = pair_table(
        {"response_a": "You IDIOT."},
        {"response_a": "idiotic, even: go  to\nhell"},
        {"response_a": "an idiom"},
        {"response_b": "You idiot."},
        {"response_b": "You idiot.", "outcome": "b"},
        {"response_b": "You idiot.", "outcome": "tie"},
    )
    found = decide(table)
    assert found.reason_N.tolist() == ["toxic_winner", "toxic_winner", "", "", "toxic_winner", "toxic_response"]
    assert found.score_N.tolist() == [1, 2, 0, 0, 1, 1]
    assert decide(table, look_in="either").reason_N[3] == "toxic_response"
    assert decide(table, least=2).action_N.tolist() == ["keep", "review", *["keep"] * 4]


def test_the_setting_goes_before_the_operator_s_list(pair_table):
    table = pair_table({"response_a": "idiot"}, {"response_a": "Grüße (.*)"}, {"response_a": "x+y* here"})
    operators = Context(toxic_words=lambda: ["grüsse"])
    assert decide(table, operators).action_N.tolist() == ["keep", "review", "keep"]
    assert decide(table, operators, words=["x+y*"]).action_N.tolist() == ["keep", "keep", "review"]
    assert decide(table, words=["*", " "]).action_N.tolist() == ["keep"] * 3
