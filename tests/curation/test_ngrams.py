"""n-grams: the same as a plain loop over words finds, wherever texts begin and end."""

import re
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation import ngrams
from curation.ngrams import Index

WORDS = [f"word{number}" for number in range(300)]
sentences = st.lists(st.sampled_from(["a", "b", "Ça", "it's", "2.5", "x-y", "—", "東京", "\n"]), max_size=12).map(
    " ".join
)


def plain_words(text):
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.lower())
        text = re.sub("([\u3040-\u30ff\u4e00-\u9fff])", r" \1 ", text)
    return re.findall(r"[^\W_]+", text.lower())


def plain_grams(text, n):
    words = plain_words(text)
    if len(words) < ngrams.LEAST:
        return []
    return [" ".join(words[start : start + n]) for start in range(max(len(words) - n + 1, 1))]


@given(texts=st.lists(sentences, max_size=6), n=st.integers(1, 8))
def test_finds_the_words_that_a_plain_loop_finds(texts, n):
    found = [(text, batch.words(gram)) for batch in ngrams.grams(texts, n) for gram, text in enumerate(batch.text_G)]
    assert found == [(place, gram) for place, text in enumerate(texts) for gram in plain_grams(text, n)]


@given(known=st.lists(sentences, max_size=4), texts=st.lists(sentences, max_size=6), n=st.integers(2, 7))
def test_shares_what_the_sets_of_a_plain_loop_share(known, texts, n):
    found = Index.of({"suite": known}, n).find(texts)
    wanted = {gram for text in known for gram in plain_grams(text, n)}
    shared = [[gram for gram in plain_grams(text, n) if gram in wanted] for text in texts]
    assert found.shared_N.tolist() == [len(own) for own in shared]
    assert found.gram_N == {place: own[0] for place, own in enumerate(shared) if own}
    assert (found.source_N >= 0).tolist() == [bool(own) for own in shared]


def test_texts_in_other_batches_have_the_same_hashes(monkeypatch):
    rng = np.random.default_rng(3)
    texts = [" ".join(rng.choice(WORDS, rng.integers(0, 60))) for _ in range(200)]
    whole = [(batch.hash_G, batch.text_G) for batch in ngrams.grams(texts)]
    assert len(whole) == 1
    monkeypatch.setattr(ngrams, "BATCH", 300)
    parts = [(batch.hash_G, batch.text_G) for batch in ngrams.grams(texts)]
    assert len(parts) > 50
    for place in range(2):
        np.testing.assert_array_equal(np.concatenate([part[place] for part in parts]), whole[0][place])
    assert len(np.unique(whole[0][0])) == len(whole[0][0]), "no two of these n-grams are the same"


def test_names_the_source_and_the_words():
    rng = np.random.default_rng(1)
    prompts = [" ".join(rng.choice(WORDS, 30)) for _ in range(3)]
    index = Index.of({"one.jsonl": prompts[:1], "two.jsonl": prompts[1:]})
    copied = f"Before it all: {' '.join(prompts[2].upper().split()[10:23])}, and after."
    found = index.find(pa.chunked_array([[copied, None, copied], ["nothing of it", prompts[0]]]))
    assert [index.sources[place] if place >= 0 else "" for place in found.source_N] == [
        "two.jsonl", "", "two.jsonl", "", "one.jsonl",
    ]  # fmt: skip
    assert found.gram_N[0] == " ".join(prompts[2].split()[10:23])
    assert found.shared_N.tolist() == [1, 0, 1, 0, 18]
    assert found.share_N[4] == 1


def test_a_text_shorter_than_n_is_found_as_a_whole_only():
    index = Index.of({"suite": ["Who wrote the Iliad, and when?"]})
    found = index.find(["who wrote the iliad and when", "Tell me: who wrote the Iliad, and when?", "Yes."])
    assert found.shared_N.tolist() == [1, 0, 0]
    assert Index.of({"suite": ["Yes."]}).find(["Yes."]).shared_N.tolist() == [0], "too short to tell anything"


def test_no_texts_at_all():
    assert Index.of({}).find(["some words that nobody else has written"]).source_N.tolist() == [-1]
    assert len(Index.of({"suite": ["a b c d e f"]}).find([]).source_N) == 0


@pytest.mark.real_data
def test_real_arguments_share_what_sets_share(convarg_texts):
    known, texts = convarg_texts[:300], convarg_texts[200:2000]
    found = Index.of({"suite": known}).find(texts)
    wanted = {gram for text in known for gram in plain_grams(text, 13)}
    assert found.shared_N.tolist() == [sum(gram in wanted for gram in plain_grams(text, 13)) for text in texts]
    assert 0 < (found.shared_N > 0).sum() < len(texts)


@pytest.fixture(scope="module")
def convarg_texts(real_data):
    import gzip
    import json

    with gzip.open(real_data / "convarg" / "pairs.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return sorted({row[f"response_{side}"] for row in rows for side in "ab"})
