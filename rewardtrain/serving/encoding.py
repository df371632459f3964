"""Texts that a client has put together itself, prompt and response in one, become tokens as they are.

OpenRLHF, vLLM, SGLang and TEI clients apply the chat template before they ask. To apply ours again would score
another text. So `WHOLE` as prompt says that the response is the whole text; then only what the tokenizer puts around
every text is added where it is missing (verl cuts the first token off, because vLLM adds it), padding that was
decoded with the text is taken away, and it ends with one end token where our own encoding ends with one (OpenRLHF's
own server does both). A text over the maximum is cut at its beginning, because there stands the prompt.
"""

import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np

from rewardtrain.encoding import Encoder, TokenSequences

WHOLE = f"\0{uuid.uuid4()}"  # no client can guess it, so none takes a prompt for it


class ServedEncoder:
    """An encoder that also knows whole texts, and how many tokens each text of the last call had.

    Attributes
    ----------
    lengths : tokens by (prompt, response).
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.lengths: dict[tuple[str, str], int] = {}
        tokenizer = encoder.tokenizer
        self._prefix, self._suffix = encoder.prefix, encoder.suffix
        if encoder.template == "chat":  # the template writes the special tokens, but clients may cut them off
            bare = tokenizer("a", add_special_tokens=False)["input_ids"]
            full = tokenizer("a")["input_ids"]
            at = next(i for i in range(len(full)) if full[i : i + len(bare)] == bare)
            self._prefix, self._suffix = full[:at], full[at + len(bare) :]
        self._end, self._pad = tokenizer.eos_token_id, tokenizer.pad_token_id
        self._pads = self._pad not in (self._end, tokenizer.unk_token_id)  # whether padding is a token of its own

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode(self, pairs: Sequence[tuple[str, str]]) -> TokenSequences:
        """Tokens of (prompt, response) pairs and of (`WHOLE`, text), in order."""
        whole = [place for place, (prompt, _) in enumerate(pairs) if prompt is WHOLE]
        if not whole:
            found = self._encoder.encode(pairs)
        else:
            apart = [place for place, (prompt, _) in enumerate(pairs) if prompt is not WHOLE]
            found = _joined(
                (self._whole([pairs[place][1] for place in whole]), whole),
                (self._encoder.encode([pairs[place] for place in apart]), apart),
            )
        self.lengths = dict(zip(pairs, found.lengths_S.tolist(), strict=True))
        return found

    def _whole(self, texts: Sequence[str]) -> TokenSequences:
        room = self._encoder.max_length - len(self._prefix) - len(self._suffix)
        sequences, truncated = [], []
        for ids in self._encoder.tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]:
            ids = self._bare(ids)
            truncated.append(len(ids) > room)
            ids = [*self._prefix, *ids[max(0, len(ids) - room) :], *self._suffix] or [self._pad]
            sequences.append(np.array(ids, dtype=np.int32))
        starts = np.cumsum([0, *(len(ids) for ids in sequences)], dtype=np.int64)
        return TokenSequences(np.concatenate(sequences), starts, np.array(truncated, dtype=bool))

    def _bare(self, ids: list[int]) -> list[int]:
        """``ids`` without padding at the ends and without what will be put around them."""
        first, last = 0, len(ids)
        ended = False
        while last and (ids[last - 1] == self._end or (self._pads and ids[last - 1] == self._pad)):
            last -= 1
            ended = ended or ids[last] == self._end
        idle = self._pad if self._pads else self._end if self._pad == self._end else None
        begins = len(self._prefix)
        while first < last and ids[first] == idle and not (begins and ids[first : first + begins] == self._prefix):
            first += 1
        ids = ids[first:last]
        if begins and ids[:begins] == self._prefix:
            ids = ids[begins:]
        if self._suffix and ids[-len(self._suffix) :] == self._suffix:
            ids = ids[: -len(self._suffix)]
        if ended and not self._suffix and self._encoder.template == "chat":
            ids = [*ids, self._end]
        return ids


def _joined(*parts: tuple[TokenSequences, list[int]]) -> TokenSequences:
    """Sequences of several encodings, each at its place."""
    placed = sorted(
        (place, found.tokens[found.starts_S1[row] : found.starts_S1[row + 1]], bool(found.truncated_S[row]))
        for found, places in parts
        for row, place in enumerate(places)
    )
    starts = np.cumsum([0, *(len(ids) for _, ids, _ in placed)], dtype=np.int64)
    return TokenSequences(np.concatenate([ids for _, ids, _ in placed]), starts, np.array([cut for *_, cut in placed]))
