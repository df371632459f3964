"""From prompts and responses to token sequences: one template, one way to cut, one place.

Training, scoring and evaluation all encode here, so a text always becomes the same tokens. A text over the
maximum is cut, never dropped, and counted: the prompt gives way first, from its beginning, down to a quarter
of the room, then the end of the response.

A model that reads both ways gets the response first: then a position in the response means the same whatever the
length of the prompt.
Shapes: S sequences, B texts of a batch, L positions.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from rewardtrain.errors import RecipeError
from rewardtrain.parts import CONTEXT

PROMPT_FIRST = "{prompt}\n\n{response}"
RESPONSE_FIRST = "{response}\n\n{prompt}"
_CHUNK = 1024


@dataclass(frozen=True)
class TokenSequences:
    """Token sequences in one flat array; sequence s is ``tokens[starts_S1[s]:starts_S1[s + 1]]``."""

    tokens: np.ndarray
    starts_S1: np.ndarray
    truncated_S: np.ndarray

    @property
    def lengths_S(self) -> np.ndarray:
        return np.diff(self.starts_S1)

    def __len__(self) -> int:
        return len(self.starts_S1) - 1

    def padded(self, members: np.ndarray, pad: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """ids_BL and mask_BL (int64) of some sequences, padded on the right."""
        lengths_B = self.lengths_S[members]
        ids_BL = np.full((len(members), int(lengths_B.max())), pad, dtype=np.int64)
        for row, member in enumerate(members):
            ids_BL[row, : lengths_B[row]] = self.tokens[self.starts_S1[member] : self.starts_S1[member + 1]]
        mask_BL = (np.arange(ids_BL.shape[1]) < lengths_B[:, None]).astype(np.int64)
        return torch.from_numpy(ids_BL).to(device), torch.from_numpy(mask_BL).to(device)


def messages(prompt: str) -> list[dict[str, Any]]:
    """A prompt as a conversation: JSON messages as `curation.pairs` stores them, or plain text by one user.

    What a response is judged by or against (`CONTEXT`: roles that no chat template knows) goes into the system's
    message, which stands first.
    """
    if prompt.startswith("["):
        try:
            found = json.loads(prompt)
        except ValueError:
            found = None
        if isinstance(found, list) and all(isinstance(m, dict) and {"role", "content"} <= m.keys() for m in found):
            said = [{**message, "content": _text(message["content"])} for message in found]
            told = [f"{CONTEXT[m['role']]}: {m['content']}" for m in said if m["role"] in CONTEXT]
            if told:
                told += [m["content"] for m in said if m["role"] == "system"]
                rest = [m for m in said if m["role"] not in CONTEXT and m["role"] != "system"]
                said = [{"role": "system", "content": "\n\n".join(told)}, *rest]
            return said
    return [{"role": "user", "content": prompt}] if prompt else []


def _text(content: Any) -> str:
    """The text of a message whose content may be a list of parts, pictures among them."""
    if isinstance(content, list):
        return "\n".join(part.get("text") or "" for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


class Encoder:
    """Puts prompt and response together and turns them into tokens.

    Attributes
    ----------
    template : "chat", or text with {prompt} and {response}.
    prefix, suffix : special tokens around every sequence; what ends a text is never cut.
    media : where pictures are; None: it reads none. Those that do: `rewardtrain.modeling.vision`.
    card : what a model's card says beside the template: nothing.
    """

    media: Any = None
    card: Mapping[str, Any] = {}

    def __init__(self, tokenizer: PreTrainedTokenizerBase, template: str, max_length: int) -> None:
        if template == "auto":
            plain = PROMPT_FIRST if tokenizer.mask_token is None else RESPONSE_FIRST  # only encoders have a mask
            template = "chat" if tokenizer.chat_template else plain
        if template == "chat" and not tokenizer.chat_template:
            raise RecipeError("The template chat was asked for, but the tokenizer has none. Choose template=auto.")
        if max_length > tokenizer.model_max_length:
            raise RecipeError(
                f"max_length {max_length} is above what the backbone reads: {tokenizer.model_max_length}."
            )
        self.tokenizer, self.template, self.max_length = tokenizer, template, max_length
        self.prefix, self.suffix = ([], []) if template == "chat" else self._specials()

    @property
    def pad(self) -> int:
        """Id of the padding token."""
        return int(self.tokenizer.pad_token_id)

    def _specials(self) -> tuple[list[int], list[int]]:
        """What the tokenizer puts around a text; an end token is added unless padding means the same."""
        bare = self.tokenizer("a", add_special_tokens=False)["input_ids"]
        full = self.tokenizer("a")["input_ids"]
        at = next(i for i in range(len(full)) if full[i : i + len(bare)] == bare)
        prefix, suffix = full[:at], full[at + len(bare) :]
        end = self.tokenizer.eos_token_id
        if not suffix and end is not None and end != self.tokenizer.pad_token_id:
            suffix = [end]
        return prefix, suffix

    def text(self, prompt: str, response: str) -> tuple[str, int, int]:
        """The whole text, and where in it the response begins and ends."""
        conversation = messages(prompt)
        if self.template == "chat":
            answer = {"role": "assistant", "content": response}
            whole = str(self.tokenizer.apply_chat_template([*conversation, answer], tokenize=False))
            begin = max(whole.rfind(response.strip()), 0)
            return whole, begin, begin + len(response.strip())
        plain = "\n\n".join(message["content"] for message in conversation)
        before, after = (
            part.replace("{prompt}", plain) if plain or "{prompt}" not in part else ""
            for part in self.template.split("{response}", 1)
        )
        return before + response + after, len(before), len(before) + len(response)

    def encode(self, pairs: Sequence[tuple[str, str]]) -> TokenSequences:
        """Tokens of (prompt, response) pairs, in order."""
        return self.encode_marked(pairs)[0]

    def encode_marked(
        self, pairs: Sequence[tuple[str, str]], ends: Sequence[Sequence[int]] = ()
    ) -> tuple[TokenSequences, list[np.ndarray]]:
        """Tokens of (prompt, response) pairs, and where in them the segments of the responses end.

        Parameters
        ----------
        ends : for each pair, the ends of its segments as offsets into the response, in code points.

        Returns
        -------
        The sequences, and for each the position of the last token of every segment; -1 where it was cut off.

        Raises
        ------
        RecipeError
            If segments are asked for and the tokenizer does not tell where its tokens come from.
        """
        if len(ends) and not self.tokenizer.is_fast:
            raise RecipeError("This tokenizer does not tell where its tokens come from, so it can mark no segments.")
        sequences, truncated, positions = [], [], []
        for number, (ids, cut, begin_L) in enumerate(self._encoded(pairs)):
            sequences.append(ids)
            truncated.append(cut)
            if len(ends):
                positions.append(_last_tokens(begin_L, ends[number]))
        starts = np.concatenate([[0], np.cumsum([len(ids) for ids in sequences], dtype=np.int64)])
        tokens = np.concatenate(sequences) if sequences else np.zeros(0, dtype=np.int32)
        return TokenSequences(tokens, starts.astype(np.int64), np.array(truncated, dtype=bool)), positions

    def _encoded(self, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[np.ndarray, bool, np.ndarray]]:
        """Ids, whether they were cut, and where in the response each token begins; -1 for tokens of anything else."""
        room = self.max_length - len(self.prefix) - len(self.suffix)
        for start in range(0, len(pairs), _CHUNK):
            texts, begins, ends = zip(*(self.text(*pair) for pair in pairs[start : start + _CHUNK]), strict=True)
            found = self.tokenizer(
                list(texts), add_special_tokens=False, return_offsets_mapping=self.tokenizer.is_fast, verbose=False
            )
            for row, ids in enumerate(found["input_ids"]):
                begin_L = np.full(len(ids), -1)
                place = slice(0, len(ids))
                if self.tokenizer.is_fast:
                    offset_L = np.array([first for first, _ in found["offset_mapping"][row]], dtype=np.int64)
                    place = slice(*np.searchsorted(offset_L, [begins[row], ends[row]]).tolist())
                    begin_L[place] = offset_L[place] - begins[row]
                if cut := len(ids) > room:
                    kept = shortened(list(range(len(ids))), place, room)
                    ids, begin_L = [ids[at] for at in kept], begin_L[kept]
                ids = [*self.prefix, *ids, *self.suffix] or [self.tokenizer.pad_token_id]
                around = np.full(len(self.prefix), -1), begin_L, np.full(len(self.suffix), -1)
                yield np.array(ids, dtype=np.int32), cut, np.concatenate(around)


def encoder_for(
    tokenizer: Any, template: str, max_length: int, *, images: Mapping[str, int] | None = None, media: Any = None
) -> Encoder:
    """The encoder of a backbone by what `load_tokenizer` gives: of texts, or of pictures and texts.

    Parameters
    ----------
    images : a recipe's settings of pictures, `rewardtrain.modeling.vision.SETTINGS`.
    media : `rewardtrain.pictures.Media`, where pictures are.
    """
    own = getattr(tokenizer, "picture_encoder", None)
    if own is None:
        if (images or {}).get("image_size") or (images or {}).get("max_pixels"):
            name = "image_size" if (images or {}).get("image_size") else "max_pixels"
            raise RecipeError(f"{name} is for backbones that read pictures.", setting=name)
        return Encoder(tokenizer, template, max_length)
    found: Encoder = own(template, max_length, images or {}, media)
    return found


def _last_tokens(begin_L: np.ndarray, ends: Sequence[int]) -> np.ndarray:
    """Position of the last token that begins before each end and not before the one before; -1 where there is none."""
    inside = np.flatnonzero(begin_L >= 0)
    found = np.searchsorted(begin_L[inside], ends) - 1
    before = np.concatenate([[-1], found[:-1]]) if len(found) else found
    last = np.where(found > before, found, -1)
    return np.where(last >= 0, inside[np.maximum(last, 0)] if len(inside) else -1, -1)


def shortened(ids: list[int], response: slice, room: int) -> list[int]:
    """``ids`` cut to ``room``; those at ``response`` are the response's, the others the prompt's.

    >>> shortened([1, 2, 3, 4, 50, 60], slice(4, 6), 4)
    [3, 4, 50, 60]
    >>> shortened([1, 2, 3, 4, 50, 60, 70, 80, 90], slice(4, 9), 4)
    [4, 50, 60, 70]
    >>> shortened([50, 60, 70, 80, 90, 1, 2, 3, 4], slice(0, 5), 4)
    [50, 60, 70, 4]
    """
    before, inside, after = ids[: response.start], ids[response], ids[response.stop :]
    n_prompt = len(before) + len(after)
    kept = max(room - len(inside), min(n_prompt, room // 4))
    first = max(0, kept - len(after))  # how much of the kept prompt stands before the response
    return before[len(before) - first :] + inside[: room - kept] + after[len(after) - (kept - first) :]
