"""Languages kept, and responses in another language than their prompt."""

import numpy as np

from curation.filters import Context, language

EN = "The committee has decided that the meeting should take place on a Thursday in the old town hall."
DE = "Der Ausschuss hat beschlossen, dass die Sitzung an einem Donnerstag im alten Rathaus stattfinden soll."
FR = "Le comité a décidé que la réunion aura lieu un jeudi dans l'ancienne mairie de la ville voisine."
ZH = "委员会决定会议将于星期四在旧市政厅举行，请所有代表准时参加会议并携带有关文件。" * 2


def decide(table, **given):
    defaults = {"keep": [], "match": True, "least_letters": 40, "sure": 0.9, "action": "review"}
    return language.decide(table, defaults | given, Context())


def test_finds_what_is_in_another_language(pair_table):
    table = pair_table(
        {"prompt": EN, "response_a": EN, "response_b": EN},
        {"prompt": EN, "response_a": EN, "response_b": DE},
        {"prompt": FR, "response_a": FR, "response_b": FR},
        {"prompt": ZH, "response_a": ZH, "response_b": "好"},
        {"prompt": "Hi", "response_a": "Ja", "response_b": "Oui"},
    )
    found = decide(table)
    assert found.reason_N.tolist() == ["", "language_mismatch", "", "", ""]
    assert np.isnan(found.score_N[4])
    assert decide(table, match=False).action_N.tolist() == ["keep"] * 5
    kept = decide(table, keep=["en"], action="drop")
    assert kept.reason_N.tolist() == ["", "other_language", "other_language", "other_language", ""]
    assert decide(table, keep=["en", "de"]).reason_N[1] == "language_mismatch"
