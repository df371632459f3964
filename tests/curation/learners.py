"""Comparisons that can be learnt, some of their labels flipped, and cheap stand-ins for the models that learn them."""

import numpy as np

from curation import pairs


def comparisons(texts, count, *, flipped=0.0, prompts=1, seed=0):
    """Rows for `pair_table`: more "good" makes a text better; ``metadata`` tells whether the label is flipped."""
    rng = np.random.default_rng(seed)
    said = [f"{'good ' * rng.integers(0, 9)}{'dull ' * rng.integers(0, 3)}words {place}" for place in range(texts)]
    rows = []
    for place in range(count):
        a, b = rng.choice(texts, 2, replace=False)
        better = said[a].count("good") + rng.normal(0, 0.5) > said[b].count("good")
        wrong = bool(rng.random() < flipped)
        rows.append(
            {
                "item": f"compared {place}", "prompt": f"why {place % prompts}", "response_a": said[a],
                "response_b": said[b], "outcome": "a" if better != wrong else "b",
                "metadata": pairs.canonical_json({"flipped": wrong}),
            }
        )  # fmt: skip
    return rows


def flipped(table):
    return np.array(['"flipped":true' in text for text in table["metadata"].to_pylist()])


def features(prompts, responses):
    """What can be counted in a text."""
    counts = [[text.count("good"), text.count("dull"), len(text) / 20] for text in responses]
    return np.array(counts, dtype=np.float32).reshape(-1, 3)


def fit(train, others, settings):
    """Least squares of the labels on what can be counted, by members that learn from resamplings."""

    def differences(table):
        first, second = (
            features(None, [text or "" for text in table[f"response_{side}"].to_pylist()]) for side in "ab"
        )
        return (first - second).astype(float)

    x_P3, probs_P4 = differences(train), pairs.outcome_probs(train)
    target_P = probs_P4[:, 0] - probs_P4[:, 1]
    found = []
    for member in range(settings.get("members", 1)):
        rng = np.random.default_rng([settings["seed"], member])
        drawn = rng.integers(0, len(train), len(train)) if settings.get("members", 1) > 1 else np.arange(len(train))
        weights = np.linalg.solve(x_P3[drawn].T @ x_P3[drawn] + 0.1 * np.eye(3), x_P3[drawn].T @ target_P[drawn])
        found.append(differences(others) @ weights)
    moments = max(settings.get("epochs", 0), 1)
    return np.stack([np.array(found) * (moment + 1) / moments for moment in range(moments)])
