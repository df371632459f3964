"""Texts to tokens: templates, special tokens, and what is cut."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rewardtrain.encoding import Encoder, messages, shortened
from rewardtrain.errors import RecipeError
from rewardtrain.modeling.backbones import load_tokenizer


@pytest.fixture(scope="module")
def bert(tiny_encoder: Path) -> Encoder:
    return Encoder(load_tokenizer(str(tiny_encoder)), "{prompt} {response}", 12)


def words(encoder: Encoder, prompt: str, response: str) -> str:
    return encoder.tokenizer.decode(encoder.encode([(prompt, response)]).tokens)


class TestMessages:
    def test_plain_text_is_said_by_one_user(self) -> None:
        assert messages("why?") == [{"role": "user", "content": "why?"}]
        assert messages("") == []

    def test_stored_conversations_are_read(self) -> None:
        stored = [{"role": "system", "content": "be kind"}, {"role": "user", "content": "why?"}]
        assert messages(json.dumps(stored)) == stored

    def test_of_parts_the_text_counts(self) -> None:
        parts = [{"type": "image"}, {"type": "text", "text": "why?"}]
        assert messages(json.dumps([{"role": "user", "content": parts}]))[0]["content"].strip() == "why?"

    @pytest.mark.parametrize("text", ["[1, 2]", "[see below]", '["a"]', '{"role": "user", "content": "x"}'])
    def test_what_merely_looks_like_json_is_text(self, text: str) -> None:
        assert messages(text) == [{"role": "user", "content": text}]


class TestTemplates:
    def test_special_tokens_stand_around_the_text(self, bert: Encoder) -> None:
        bare = Encoder(bert.tokenizer, "{response}", 12)
        assert (bare.prefix, bare.suffix) == ([], [])  # this tokenizer's post-processor adds none
        assert words(bert, "why", "good red") == "why good red"

    def test_a_decoder_gets_its_end_token(self, tiny_decoder: Path) -> None:
        encoder = Encoder(load_tokenizer(str(tiny_decoder)), "{prompt} {response}", 12)
        assert encoder.encode([("why", "good")]).tokens[-1] == encoder.tokenizer.eos_token_id

    def test_no_end_token_where_it_means_padding(self, tiny_decoder: Path) -> None:
        tokenizer = load_tokenizer(str(tiny_decoder))
        tokenizer.pad_token = tokenizer.eos_token
        encoder = Encoder(tokenizer, "{prompt} {response}", 12)
        assert tokenizer.eos_token_id not in encoder.encode([("why", "good")]).tokens

    def test_auto_takes_the_chat_template_where_there_is_one(self, tiny_decoder: Path, tiny_encoder: Path) -> None:
        chat = Encoder(load_tokenizer(str(tiny_decoder)), "auto", 20)
        assert words(chat, "why", "good") == "user why </s> assistant good </s>"

    def test_auto_puts_the_response_first_where_the_model_reads_both_ways(
        self, tiny_decoder: Path, tiny_encoder: Path
    ) -> None:
        decoder = load_tokenizer(str(tiny_decoder))
        decoder.chat_template = None
        assert words(Encoder(decoder, "auto", 20), "why", "good") == "why good </s>"
        encoder = load_tokenizer(str(tiny_encoder))
        encoder.add_special_tokens({"mask_token": "[MASK]"})
        assert words(Encoder(encoder, "auto", 20), "why", "good") == "good why"
        assert words(Encoder(encoder, "auto", 20), "", "good") == "good"

    def test_what_ends_a_turn_is_kept_when_the_turn_is_cut(self, tiny_decoder: Path) -> None:
        """The reward of a decoder is read at the last token, so that must be the one it ends a turn with."""
        chat = Encoder(load_tokenizer(str(tiny_decoder)), "auto", 8)
        found = chat.encode([("why", "good red " * 10)])
        assert found.truncated_S.all()
        assert len(found.tokens) == 8
        assert chat.tokenizer.decode(found.tokens).endswith("</s>")
        assert "good red" in chat.tokenizer.decode(found.tokens)

    def test_chat_without_a_chat_template_is_refused(self, tiny_encoder: Path) -> None:
        with pytest.raises(RecipeError, match="template=auto"):
            Encoder(load_tokenizer(str(tiny_encoder)), "chat", 20)

    def test_braces_in_texts_are_texts(self, bert: Encoder) -> None:
        text, begin, end = bert.text("say {response}", "{prompt} red")
        assert text == "say {response} {prompt} red"
        assert text[begin:end] == "{prompt} red"

    def test_more_than_the_backbone_reads_is_refused(self, tiny_encoder: Path) -> None:
        with pytest.raises(RecipeError, match="65 is above what the backbone reads: 64"):
            Encoder(load_tokenizer(str(tiny_encoder)), "{response}", 65)


class TestCutting:
    def test_the_prompt_gives_way_from_its_beginning(self, bert: Encoder) -> None:
        prompt, response = "one two three four five six seven", "good bad fine dull red blue green loud"
        sequences = bert.encode([(prompt, response)])
        assert sequences.truncated_S.tolist() == [True]
        assert words(bert, prompt, response) == "four five six seven good bad fine dull red blue green loud"

    def test_then_the_end_of_the_response(self, bert: Encoder) -> None:
        response = "good bad fine dull red blue green loud slow one two three"
        assert (
            words(bert, "four five six seven", response) == "five six seven good bad fine dull red blue green loud slow"
        )

    def test_a_prompt_after_the_response_keeps_its_end(self, bert: Encoder) -> None:
        encoder = Encoder(bert.tokenizer, "{response} {prompt}", 8)
        assert words(encoder, "four five six seven", "good bad fine dull red blue green") == (
            "good bad fine dull red blue six seven"
        )

    def test_the_end_token_is_never_cut(self, tiny_decoder: Path) -> None:
        encoder = Encoder(load_tokenizer(str(tiny_decoder)), "{prompt} {response}", 8)
        sequences = encoder.encode([("why", "good " * 30)])
        assert len(sequences.tokens) == 8
        assert sequences.tokens[-1] == encoder.tokenizer.eos_token_id

    def test_counts_only_what_is_cut(self, bert: Encoder) -> None:
        sequences = bert.encode([("", "good " * 12), ("", "good " * 13), ("why", "")])
        assert sequences.truncated_S.tolist() == [False, True, False]
        assert sequences.lengths_S.tolist() == [12, 12, 1]

    @given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 40))
    def test_fills_the_room_and_keeps_the_order(self, n_prompt: int, n_response: int, room: int) -> None:
        ids = list(range(n_prompt + n_response))
        if len(ids) <= room:
            return
        kept = shortened(ids, slice(n_prompt, len(ids)), room)
        assert kept == list(range(kept[0], kept[0] + room))  # one run: the prompt's end, the response's start
        assert sum(token >= n_prompt for token in kept) >= min(n_response, room - room // 4)
        kept = shortened(ids, slice(0, n_response), room)
        assert len(kept) == room
        said, asked = [i for i in kept if i < n_response], [i for i in kept if i >= n_response]
        assert said == list(range(len(said)))
        assert asked == list(range(len(ids) - len(asked), len(ids)))
        assert len(said) >= min(n_response, room - room // 4)


class TestSequences:
    def test_an_empty_text_still_has_a_token(self, bert: Encoder) -> None:
        assert len(bert.encode([("", "")]).tokens) == 1

    def test_nothing_gives_nothing(self, bert: Encoder) -> None:
        assert len(bert.encode([])) == 0

    def test_padding_stands_on_the_right(self, bert: Encoder) -> None:
        sequences = bert.encode([("", "good"), ("", "good bad red")])
        ids_BL, mask_BL = sequences.padded(np.array([1, 0]), bert.pad, torch.device("cpu"))
        assert mask_BL.tolist() == [[1, 1, 1], [1, 0, 0]]
        assert ids_BL[1, 1:].tolist() == [bert.pad, bert.pad]
        assert ids_BL[0].tolist() == sequences.tokens[1:].tolist()


def test_minilm_gets_its_own_special_tokens() -> None:
    encoder = Encoder(load_tokenizer("minilm"), "{response}", 8)
    assert words(encoder, "", "hello world") == "[CLS] hello world [SEP]"
    assert words(encoder, "", "one two three four five six seven eight") == "[CLS] one two three four five six [SEP]"
