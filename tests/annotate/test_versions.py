"""What changed from one version of a form to the next."""

from annotate.versions import Change, changes

FIRST = {
    "name": "preference",
    "kind": "pairwise",
    "title": "Which?",
    "help": "",
    "required": True,
    "settings": {"tie": True, "labels": ["better"], "dimensions": [{"name": "a", "title": "A"}]},
    "condition": {},
}
SECOND = {**FIRST, "name": "why", "kind": "critique", "title": "Why?", "settings": {}}


def test_nothing():
    assert changes([FIRST, SECOND], [FIRST, SECOND]) == []


def test_added_removed_and_moved():
    third = {**SECOND, "name": "third", "title": "Third?"}
    assert changes([FIRST, SECOND], [FIRST, third]) == [Change("removed", "Why?"), Change("added", "Third?")]
    assert changes([FIRST, SECOND], [SECOND, FIRST]) == [Change("moved", "Why?"), Change("moved", "Which?")]


def test_changed_down_to_the_setting():
    settings = {
        "tie": False,
        "labels": ["slightly better", "better"],
        "dimensions": [{"name": "a", "title": "Accuracy"}, {"name": "b", "title": "B"}],
    }
    changed = {**FIRST, "help": "Read both.", "settings": settings}
    assert changes([FIRST], [changed]) == [
        Change("changed", "Which?", "help", "–", "Read both."),
        Change("changed", "Which?", "settings › tie", "true", "false"),
        Change("changed", "Which?", "settings › labels", '["better"]', '["slightly better", "better"]'),
        Change("changed", "Which?", "settings › dimensions › a › title", "A", "Accuracy"),
        Change("changed", "Which?", "settings › dimensions › b", "–", '{"name": "b", "title": "B"}'),
    ]


def test_the_order_of_named_things():
    two = [{"name": "a"}, {"name": "b"}]
    turned = {**FIRST, "settings": {"dimensions": two[::-1]}}
    assert changes([{**FIRST, "settings": {"dimensions": two}}], [turned]) == [
        Change("changed", "Which?", "settings › dimensions", "a, b", "b, a")
    ]


def test_long_values_are_cut():
    (change,) = changes([FIRST], [{**FIRST, "help": "x" * 1000}])
    assert len(change.after) == 121
