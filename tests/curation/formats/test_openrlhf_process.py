"""Steps with placeholders and as many labels."""

from collections import Counter

from curation.formats import ParsedResponse, openrlhf_process

OPTIONS = {"labels": "signs", "placeholder": "ки", "neutral": "wrong"}


def made(item, record, options=OPTIONS, text="One.\n\nTwo.", left_out=None, raters=("a",)):
    labels = {
        rater: [
            record("step_label", response="0", step=0, value=1),
            record("step_label", response="0", step=1, value=0 if rater == "a" else -1),
        ]
        for rater in raters
    }
    parsed = item(labels, [ParsedResponse(text)])
    return openrlhf_process.export_item(parsed, [], options, Counter() if left_out is None else left_out)


def test_as_many_labels_as_placeholders(item, record):
    (row,) = made(item, record)
    assert row == {"input": "Why?\nOne. ки\nTwo. ки", "value": ["+", "-"]}
    assert row["input"].count("ки") == len(row["value"])


def test_soft_labels_are_numbers_from_0_to_1(item, record):
    (row,) = made(item, record, {**OPTIONS, "labels": "numbers"}, raters=("a", "b"))
    assert row["value"] == [1.0, 0.25]


def test_text_with_a_placeholder_is_left_out(item, record):
    left_out = Counter()
    assert made(item, record, text="One ки.\n\nTwo.", left_out=left_out) == []
    assert left_out == {"placeholder": 1}
