"""Each model is called once for all cases, and the judgements are the same."""

import pytest

from curation import judges
from curation.judges import Tools
from curation.judging.prefetch import prefetched
from tests.curation.judges.conftest import GIVEN, likelihood, score, texts_of

MODELS = {"reward_ensemble": 2, "density_ratio": 2}
NAMES = [name for name in judges.names() if judges.get(name).NEEDS & {"score", "likelihood"}]


@pytest.mark.parametrize("name", NAMES)
def test_judges_the_same_with_one_call_a_model(name):
    calls = []

    def counted(function):
        def call(model, *rest):
            calls.append(model)
            return function(model, *rest)

        return call

    judge = judges.get(name)
    cases = [texts_of("pairwise", "a" * number, "b" * (number % 3 + 1)) for number in range(1, 7)]
    settings = judges.settings_with_defaults(name, GIVEN[name])
    tools = Tools(settings, judge.PROMPT, score=score, likelihood=likelihood)
    known = prefetched(
        judge, cases, Tools(settings, judge.PROMPT, score=counted(score), likelihood=counted(likelihood))
    )
    assert len(calls) == len(set(calls)) == MODELS.get(name, 1)
    assert [judge.judge(case, known) for case in cases] == [judge.judge(case, tools) for case in cases]
