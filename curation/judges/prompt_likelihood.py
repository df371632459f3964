"""How likely a model finds the prompt, given the response: a response that answers it gives it away.

Source: PromptEcho. The reward of a response is the likelihood that a frozen
model gives back to the prompt: no label and no generation is needed, one forward pass a response.
"""

from curation.judges import Case, Judgement, Tools
from curation.judges._likelihood import MODEL, per_token, written
from curation.judges._scores import is_comparison, judged, whole
from curation.judges._settings import settings_schema
from curation.pairs import canonical_json

TITLE = "Likelihood of the prompt"
SUMMARY = "A local model reads the response; how likely it then finds the prompt is the score."
KIND = "language_model"
NEEDS = frozenset({"likelihood"})
SETTINGS = settings_schema(model=MODEL)
PROMPT = "Write the request to which the text above is the response."
can_answer = is_comparison


def judge(case: Case, tools: Tools) -> Judgement:
    """Scores are nats a token of the prompt; all responses are held against the same prompt."""
    cue = tools.prompt or PROMPT
    keys, prompt = case.asked.responses, written(case)
    read = [canonical_json([{"role": "user", "content": f"{case.asked.texts.get(key, '')}\n\n{cue}"}]) for key in keys]
    likely = per_token(tools, tools.settings["model"], read, [prompt] * len(keys))
    return judged(case, whole(case, dict(zip(keys, likely, strict=True))), probable=False)
