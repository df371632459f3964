"""What a project's filters may use: its organisation's models, the operator's benchmarks and list of toxic words."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from django.conf import settings

from annotate.models import Project
from curation import benchmarks, ports
from curation.filters import Context
from curation.materials import media_of


def context_of(project: Project) -> Context:
    """The context of a project's pipelines."""
    return Context(
        ports.models_of(project.organisation_id),
        benchmarks=known_benchmarks,
        toxic_words=toxic_words,
        media=partial(media_of, project),
    )


def known_benchmarks() -> Mapping[str, Sequence[str]]:
    """Texts of the operator's benchmark files; `ports.PortNotRegistered` where there are none."""
    return benchmarks.read(settings.BENCHMARKS_DIR)


def toxic_words() -> Sequence[str]:
    """The operator's list, a word or phrase a line, "#" before remarks; nothing where none is named."""
    if not settings.TOXIC_WORDS:
        return ()
    try:
        text = Path(settings.TOXIC_WORDS).read_text("utf-8", "replace")
    except OSError as error:
        raise ports.PortNotRegistered(f"The list that TOXIC_WORDS names cannot be read: {error.strerror}.") from error
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
