"""A project whose pairs have labels, and models that need no training."""

import numpy as np
import pytest

from curation import ports
from curation.ports import Models
from tests.curated import answer_everything


def fit(train, others, settings):
    """Members that find the longer response better, each surer of it than the one before."""
    lead = np.array([len(a) - len(b) for a, b in zip(*sides(others), strict=True)], dtype=float)
    return np.stack([(member + 1) * lead for member in range(settings["members"])])[None]


def sides(table):
    return (table[f"response_{side}"].to_pylist() for side in "ab")


def score(model, prompts, responses):
    return np.array([len(response) * (1 if model == "1" else -1) for response in responses], dtype=float)


def embed(texts):
    return np.array([[len(text), 1.0] for text in texts]) / np.array([[np.hypot(len(text), 1)] for text in texts])


def features(prompts, responses):
    return embed(responses)


@pytest.fixture
def models(monkeypatch):
    """The models of every organisation."""
    monkeypatch.setattr(
        ports, "_models_of", lambda organisation: Models(score=score, embed=embed, features=features, fit=fit)
    )


@pytest.fixture
def answered(world, models):
    """The world with every pair answered by two people."""
    answer_everything(world)
    return world
