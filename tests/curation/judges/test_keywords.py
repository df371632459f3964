"""Words that must and must not stand there."""

from .conftest import texts_of


def test_the_share_of_keywords_decides(judged):
    case = texts_of("pairwise", "The dose is 200 mg; see a doctor.", "Doctored dosage, trust me.")
    found = judged("keywords", case, required=["dose", "doctor"], forbidden=["trust me"])
    assert found.notes["scores"] == {"r1": 1.0, "r2": 0.0}
    assert found.answer["overall"]["chosen"] == "r1"
    loose = judged("keywords", case, required=["dose", "doctor"], forbidden=["trust me"], whole_words=False)
    assert loose.notes["scores"]["r2"] == 1 / 3


def test_keywords_may_come_with_the_item_and_what_is_no_text_is_none(judged):
    case = texts_of("binary", "Yes (C++).", metadata={"keywords": ["C++", 7, None], "forbidden_keywords": "no"})
    assert judged("keywords", case, required=[]).answer == {"r1": "good"}
    nothing = judged("keywords", texts_of("binary", "Yes."), required=[])
    assert nothing.answer is None
    assert "keywords" in nothing.samples[0].error


def test_equal_scores_are_a_tie_where_there_is_one(judged):
    for tie, answer in ((True, {"overall": {"chosen": "tie", "strength": 0}}), (False, None)):
        assert judged("keywords", texts_of("pairwise", "a", "b", tie=tie), required=["c"]).answer == answer
