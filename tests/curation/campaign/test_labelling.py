"""Judges in a campaign: what they are shown, votes within a model and over models, and a budget that ends."""

import numpy as np
import pytest

from curation.campaign import BudgetSpent, CampaignError, Tools
from curation.campaign.cases import case_of, examples_of, found_table, merged
from curation.campaign.labelling import judges
from curation.campaign.tiers import sides
from curation.clients import Completion
from curation.pairs import outcome_probs
from curation.ports import Models
from tests.curation.campaign.conftest import Everybody

ABOUT = {
    "category": "maths", "objectivity": "high", "controversiality": "low", "desired": ["right"],
    "guideline": "Check the sum.", "by": "rules",
}  # fmt: skip
PAIRWISE = {"judge": "pairwise", "endpoint": "large"}


def label(table, ask, *, panel=(PAIRWISE,), examples=(), concurrency=1):
    cases = [case_of(row, attributes=ABOUT, guidelines="Be fair.", examples=examples) for row in table.to_pylist()]
    tools = Tools(models=Models(), people=Everybody({}), ask=ask)
    return judges.label(cases, table, {"judges": list(panel), "concurrency": concurrency}, tools, 0)


def prefers(word, seen=None):
    """A server that chooses the response with a word in it, wherever it stands."""

    def ask(request, endpoint):
        if seen is not None:
            seen.append((endpoint, request.messages))
        text = request.messages[1]["content"]
        first, second = (text.rindex(f"<response_{place} ") for place in (1, 2))
        chosen = 1 if first < text.rindex(word) < second else 2
        return Completion((f'{{"overall": {{"chosen": "response_{chosen}", "strength": 1}}}}',) * request.n, 9, 9), "x"

    return ask


def test_it_sees_both_orders_the_guidelines_and_what_people_answered(pair_table):
    table, seen = pair_table({"outcome": "b"}, {"outcome": "a"}), []
    examples = examples_of(table.slice(1), np.array([1]))
    (votes,) = label(table.slice(0, 1), prefers("second answer 0", seen), examples=examples)
    assert [(vote["rater"], vote["outcome"], vote["level"], vote["p_a"]) for vote in votes] == [
        ("pairwise large", "b", -1.0, 0.0)
    ]
    shown = [messages[1]["content"] for _, messages in seen]
    assert len(shown) == 2
    ours = [text.rindex("first answer 0") < text.rindex("second answer 0") for text in shown]
    assert sorted(ours) == [False, True]
    for endpoint, messages in seen:
        assert endpoint == "large"
        for part in ("Be fair.", "Check the sum."):
            assert part in messages[0]["content"]
        for part in ("first answer 1", "answer_of_people"):
            assert part in messages[1]["content"]


def test_a_judge_that_follows_the_place_votes_for_a_tie(pair_table):
    ask = lambda request, endpoint: (Completion(('{"overall": {"chosen": "response_1", "strength": 1}}',), 9, 9), "x")  # noqa: E731
    (votes,) = label(pair_table({}), ask)
    assert [vote["outcome"] for vote in votes] == ["tie"]
    assert sides(np.array([merged(votes)])).tolist() == [0]


def test_the_plurality_of_models_decides_and_a_split_decides_nothing():
    vote = lambda outcome: {"rater": "x", "kind": "rule", "outcome": outcome, "level": 0.0, "p_a": None, "seconds": 1.0}  # noqa: E731
    table = found_table([4, 7, 9], [[vote(o) for o in "aab"], [vote("a"), vote("b")], []])
    assert table["place"].to_pylist() == [4, 7, 9]
    assert sides(outcome_probs(table)).tolist() == [1, 0, 0]
    assert table["p_a"].to_pylist()[2] is None


def test_when_the_budget_is_spent_the_rest_gets_no_label_and_nothing_fails(pair_table):
    calls = []

    def ask(request, endpoint):
        if len(calls) == 4:
            raise BudgetSpent("Nothing is left.")
        calls.append(1)
        return prefers("first answer")(request, endpoint)

    votes = label(pair_table(*[{}] * 5), ask)
    assert [len(own) for own in votes] == [1, 1, 0, 0, 0]


def test_half_a_panel_is_no_panel(pair_table):
    def ask(request, endpoint):
        if endpoint == "dear":
            raise BudgetSpent("Nothing is left.")
        return prefers("first answer")(request, endpoint)

    assert label(pair_table({}), ask, panel=[PAIRWISE, {"judge": "pairwise", "endpoint": "dear"}]) == [[]]


@pytest.mark.parametrize("spec", [{"judge": "pairwise", "settings": {"speed": 3}}, {"judge": "reward_model"}])
def test_wrong_settings_of_a_judge_say_so(pair_table, spec):
    with pytest.raises(CampaignError, match=r"speed|model"):
        label(pair_table({}), prefers("a"), panel=[spec])
