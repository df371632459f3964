"""How likely a causal language model finds texts: summed log-likelihoods of continuations, batched.

A prompt is plain text, or JSON messages as `curation.pairs` stores them: then the continuation is what the assistant
says next, or, where the last message is empty, what that message says. Prompt and continuation are turned into tokens
apart, so a continuation has the same tokens after every prompt. A prompt that is too long loses its beginning; a
continuation that the model cannot read whole has no likelihood (NaN).

Shapes: N continuations asked for, S distinct sequences, B of a batch, L positions, V vocabulary.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerBase

from rewardtrain.batching import token_batches
from rewardtrain.encoding import messages
from rewardtrain.errors import RewardModelError
from rewardtrain.modeling.backbones import is_decoder, load_tokenizer, resolve
from rewardtrain.modeling.reward_model import device_for

TOKENS_PER_BATCH = 4096
LOGITS_PER_BATCH = 2**27  # half a gigabyte in float32
_HERE = "⁂continuation⁂"  # stands for the continuation while a chat template is filled in


class LanguageModel:
    """A causal language model ready to measure.

    >>> LanguageModel("models/tiny").log_likelihoods(["Two and two is"], [" four."])     # doctest: +SKIP
    (array([-3.1]), array([2]))

    Raises
    ------
    RewardModelError
        If ``name`` is no causal language model: a folder, or a name on the hub.
    """

    def __init__(self, name: str, *, device: str = "auto") -> None:
        self.tokenizer: PreTrainedTokenizerBase = load_tokenizer(name)
        self.model = _load(name, device_for(device))
        self.max_length = _longest(self.model, self.tokenizer)

    def log_likelihoods(
        self, prompts: Sequence[str], continuations: Sequence[str], *, tokens_per_batch: int = TOKENS_PER_BATCH
    ) -> tuple[np.ndarray, np.ndarray]:
        """Log-likelihood of each continuation after its prompt, in nats, and the number of its tokens, both (N,)."""
        asked = list(zip(prompts, continuations, strict=True))
        if not asked:
            return np.zeros(0), np.zeros(0, int)
        index = {pair: place for place, pair in enumerate(dict.fromkeys(asked))}
        sequences = [self._tokens(*pair) for pair in index]
        counts_S = np.array([count for _, count in sequences])
        nats_S = np.full(len(sequences), np.nan)
        fits_S = np.array([len(ids) > 0 for ids, _ in sequences])
        nats_S[fits_S & (counts_S == 0)] = 0.0
        measured = np.flatnonzero(fits_S & (counts_S > 0))
        lengths = np.array([len(sequences[place][0]) for place in measured], int)
        tokens = max(1, min(tokens_per_batch, LOGITS_PER_BATCH // self.model.config.vocab_size))
        for members in token_batches(lengths, tokens) if len(measured) else ():
            batch = measured[members]
            nats_S[batch] = self._batch([sequences[place] for place in batch])
        places = [index[pair] for pair in asked]
        return nats_S[places], counts_S[places]

    def _tokens(self, prompt: str, continuation: str) -> tuple[list[int], int]:
        """Prompt and continuation as ids, and how many are the continuation's; no ids where it does not fit."""
        start, own = self._ids(self._before(prompt)), self._ids(continuation)
        first = self.tokenizer.bos_token_id
        if first is not None and start[:1] != [first] and self._begins():
            start = [first, *start]
        if not start:  # the first token needs something to follow
            start = [first if first is not None else self.tokenizer.eos_token_id or self.tokenizer.pad_token_id]
        room = self.max_length - len(own)
        return ([*start[-room:], *own], len(own)) if room >= 1 else ([], len(own))

    def _before(self, prompt: str) -> str:
        """The whole text before the continuation."""
        try:
            is_conversation = isinstance(json.loads(prompt), list) if prompt.startswith("[") else False
        except ValueError:
            is_conversation = False
        if not is_conversation:
            return prompt
        turns = messages(prompt)
        role = turns.pop()["role"] if turns and not turns[-1]["content"] else "assistant"
        if self.tokenizer.chat_template:
            turns.append({"role": role, "content": _HERE})
            whole = str(self.tokenizer.apply_chat_template(turns, tokenize=False))
            return whole.partition(_HERE)[0]
        said = [f"{turn['role'].title()}:\n{turn['content']}\n\n" for turn in turns]
        return "".join(said) + f"{role.title()}:\n"

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]) if text else []

    def _begins(self) -> bool:
        """Whether the tokenizer itself puts the beginning-of-text token before a text."""
        return list(self.tokenizer("a")["input_ids"])[:1] == [self.tokenizer.bos_token_id]

    @torch.no_grad()
    def _batch(self, sequences: Sequence[tuple[list[int], int]]) -> np.ndarray:
        """Summed log-likelihoods of the continuations of some sequences, padded on the right."""
        longest = max(len(ids) for ids, _ in sequences)
        ids_BL = torch.full((len(sequences), longest), int(self.tokenizer.pad_token_id))
        mask_BL = torch.zeros_like(ids_BL)
        own_BL = torch.zeros_like(ids_BL, dtype=torch.bool)
        for row, (ids, count) in enumerate(sequences):
            ids_BL[row, : len(ids)] = torch.tensor(ids)
            mask_BL[row, : len(ids)] = 1
            own_BL[row, len(ids) - count : len(ids)] = True
        ids_BL, mask_BL, own_BL = (one.to(self.model.device) for one in (ids_BL, mask_BL, own_BL))
        logits_BLV = self.model(input_ids=ids_BL, attention_mask=mask_BL).logits[:, :-1].float()
        loss_BL = torch.nn.functional.cross_entropy(logits_BLV.transpose(1, 2), ids_BL[:, 1:], reduction="none")
        return (-loss_BL * own_BL[:, 1:]).sum(dim=1).double().cpu().numpy()


def _load(name: str, device: str) -> PreTrainedModel:
    """The model with its language head, in float32; only safetensors, no remote code."""
    try:
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            resolve(name), dtype=torch.float32, use_safetensors=True, output_loading_info=True
        )
        model, report = loaded
    except RewardModelError:
        raise
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        first = str(error).strip().partition("\n")[0]
        raise RewardModelError(f"{name} cannot be loaded as a causal language model: {first}") from None
    if not is_decoder(model.config):
        raise RewardModelError(f"{name} is no causal language model: it does not read left to right.")
    if missing := sorted(report["missing_keys"]):  # transformers would draw them at random
        raise RewardModelError(f"{name} lacks {len(missing)} weights of a language model, {missing[0]} for one.")
    return model.eval().to(device)


def _longest(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    """Tokens that the model reads at most."""
    positions = getattr(model.config, "max_position_embeddings", None) or tokenizer.model_max_length
    return int(min(positions, tokenizer.model_max_length))
