"""Tiny backbones of pictures with random weights, saved in the hub's layout, and pictures to show them."""

import io
import json
import random
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    PreTrainedTokenizerFast,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Siglip2Config,
    Siglip2ImageProcessorPil,
    Siglip2Model,
    Siglip2Tokenizer,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from rewardtrain import pictures

WORDS = ["red", "blue", "circle", "square", "make", "the", "a", "remove", "user", "assistant", "why", "good", "bad"]
TEMPLATE = (
    "{% for m in messages %}<|im_start|> {{ m['role'] }} {% if m['content'] is string %}{{ m['content'] }}"
    "{% else %}{% for p in m['content'] %}{% if p['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ p['text'] }}{% endif %}{% endfor %}{% endif %} <|im_end|>{% endfor %}"
)
USER_ONLY = TEMPLATE.replace("{% if p['type'] == 'image' %}", "{% if p['type'] == 'image' and m['role'] == 'user' %}")


def _tokenizer(*special: str, length: int = 77, **named: str) -> PreTrainedTokenizerFast:
    vocabulary = {word: at for at, word in enumerate([*dict.fromkeys([*named.values(), *special]), *WORDS])}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token=named["unk_token"]))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, model_max_length=length, extra_special_tokens=list(special), **named
    )


def clip(folder: Path) -> Path:
    """A CLIP of width 16 that reads pictures of 32 pixels a side."""
    words = _tokenizer(unk_token="<unk>", pad_token="<pad>", bos_token="<s>", eos_token="</s>", length=16)
    torch.manual_seed(0)
    tower = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {"vocab_size": len(words), "max_position_embeddings": 16, "eos_token_id": words.eos_token_id,
            "bos_token_id": words.bos_token_id, "pad_token_id": words.pad_token_id}  # fmt: skip
    config = CLIPConfig(
        text_config={**tower, **text}, vision_config={**tower, "image_size": 32, "patch_size": 8}, projection_dim=12
    )
    CLIPModel(config).save_pretrained(folder)
    words.save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=32).save_pretrained(folder)
    return folder


def siglip(folder: Path, second: bool = False) -> Path:
    """A SigLIP, or the SigLIP 2 that keeps a picture's shape (NaFlex)."""
    if second:  # its tokenizer is a class of its own, which splits into letters what it has no merges for
        letters = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *"abcdefghijklmnopqrstuvwxyz"]
        words = Siglip2Tokenizer(vocab={letter: at for at, letter in enumerate(letters)}, model_max_length=16)
    else:
        words = _tokenizer(unk_token="<unk>", pad_token="<pad>", eos_token="</s>", length=16)
    torch.manual_seed(0)
    tower = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {**tower, "vocab_size": len(words), "max_position_embeddings": 16, "pad_token_id": words.pad_token_id,
            "projection_size": 16}  # fmt: skip
    if second:
        sight = {**tower, "num_patches": 16, "patch_size": 8}
        Siglip2Model(Siglip2Config(text_config=text, vision_config=sight)).save_pretrained(folder)
        Siglip2ImageProcessorPil(patch_size=8, max_num_patches=16).save_pretrained(folder)
    else:
        sight = {**tower, "image_size": 32, "patch_size": 8}
        SiglipModel(SiglipConfig(text_config=text, vision_config=sight)).save_pretrained(folder)
        SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def qwen(folder: Path, template: str | None = TEMPLATE) -> Path:
    """A Qwen2-VL with its language-modelling head, as the hub has it."""
    words = _tokenizer(
        "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>",
        unk_token="<unk>", pad_token="<pad>", eos_token="<|im_end|>", length=512,
    )  # fmt: skip
    words.chat_template = template
    torch.manual_seed(0)
    special = {
        f"{name}_token_id": words.convert_tokens_to_ids(f"<|{token}|>")
        for name, token in (
            ("vision_start", "vision_start"), ("vision_end", "vision_end"), ("image", "image_pad"),
            ("video", "video_pad"),
        )
    }  # fmt: skip
    config = Qwen2VLConfig(
        text_config={
            "vocab_size": len(words), "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 512,
            "rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0},
            "bos_token_id": None, "eos_token_id": words.eos_token_id, "pad_token_id": words.pad_token_id,
        },
        vision_config={
            "depth": 2, "embed_dim": 16, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2, "patch_size": 8,
            "spatial_merge_size": 2, "temporal_patch_size": 2,
        },
        **special,
    )  # fmt: skip
    Qwen2VLForConditionalGeneration(config).save_pretrained(folder)
    words.save_pretrained(folder)
    Qwen2VLImageProcessorPil(
        patch_size=8, merge_size=2, size={"shortest_edge": 256, "longest_edge": 4096}
    ).save_pretrained(folder)
    return folder


BACKBONES = {
    "clip": clip,
    "siglip": siglip,
    "siglip2": lambda folder: siglip(folder, second=True),
    "qwen2_vl": qwen,
    "small_edit": lambda folder: "small_edit",
}


def picture(seed: int, size: tuple[int, int] = (48, 40)) -> bytes:
    """A PNG of a few coloured boxes."""
    draw = random.Random(seed)
    shown = Image.new("RGB", size, "white")
    for _ in range(3):
        x, y = draw.randrange(size[0] - 10), draw.randrange(size[1] - 10)
        colour = tuple(draw.randrange(256) for _ in range(3))
        ImageDraw.Draw(shown).rectangle((x, y, x + draw.randint(5, 25), y + draw.randint(5, 25)), fill=colour)
    buffer = io.BytesIO()
    shown.save(buffer, "PNG")
    return buffer.getvalue()


def edits(root: Path, count: int) -> tuple[list[str], list[str]]:
    """Prompts with a source picture and an instruction, responses with an edited picture; the files go to ``root``."""
    prompts, responses = [], []
    for number in range(count):
        source = pictures.keep(root, picture(number, (48, 40)))
        edited = pictures.keep(root, picture(1000 + number, (30 + 5 * number, 44)))
        words = " ".join(random.Random(number).choices(WORDS, k=2 + number))
        said = [{"type": "image", "image": source}, {"type": "text", "text": words}]
        prompts.append(json.dumps([{"role": "user", "content": said}]))
        responses.append(json.dumps([{"type": "image", "image": edited}]))
    return prompts, responses
