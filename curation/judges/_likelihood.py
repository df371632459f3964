"""What the implicit judges share: log-likelihoods from a local causal language model, by response key."""

from collections.abc import Mapping, Sequence
from typing import Any

from curation.judges import Case, Tools
from curation.pairs import canonical_json

MODEL: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 300,
    "title": "Local model",
    "description": "A causal language model: a folder of MODELS_DIR or a name on the hub.",
}


def spoken(case: Case, *more: Mapping[str, str]) -> str:
    """The conversation as the likelihood port takes it, with further messages at its end."""
    return canonical_json([*({"role": str(m.get("role", "user")), "content": _text(m)} for m in case.prompt), *more])


def written(case: Case) -> str:
    """The conversation as plain text."""
    return "\n\n".join(_text(message) for message in case.prompt)


def per_token(tools: Tools, model: str, prompts: Sequence[str], continuations: Sequence[str]) -> list[float]:
    """Mean log-likelihood of a token of each continuation, in nats; 0 for one without tokens."""
    total_N, tokens_N = tools.likelihood(model, prompts, continuations)
    return [float(total) / max(int(tokens), 1) for total, tokens in zip(total_N, tokens_N, strict=True)]


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text") or "" for part in content if isinstance(part, Mapping))
