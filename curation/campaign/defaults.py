"""The plans that a new campaign starts from."""

DEFAULT = """\
name: {name}
seed: {draw}
question: '{question}'
rounds: 4
seed_pairs: {{people: {seed}, models: {more}}}
per_round: {{people: {few}, models: {more}}}
budget: {{people: {budget}, money: 0}}
answers: 1
patience: 2
learn_from: {learn_from}
sure_above: 0.5
recycle: consistent
hygiene: {{use: exact_and_ngrams}}
attributes: {{use: rules}}
training: {{use: fit}}
retrieving: {{use: error_driven, around: 8}}
people: {{use: objective_first}}
labelling:
{labelling}
gold_model: {{use: fit}}
consistency: {{use: skywork}}
split: {{by: prompt, fractions: {{train: 0.9, validation: 0.1, test: 0.0}}}}
"""
JUDGES = """\
  use: judges
  judges:
{judges}"""
NO_JUDGES = "  use: 'off'"


def plan(*, name: str, question: str, rows: int, endpoints: list[str], draw: int = 0) -> str:
    """YAML for a pool of so many pairs: with a judge on each model server there is, or with people alone.

    ``draw``: another one for each campaign, so that two on one pool do not ask people about the same pairs.
    """
    budget = max(20, min(500, rows // 20))
    judges = "\n".join(f"    - {{judge: pairwise, endpoint: {endpoint}}}" for endpoint in endpoints)
    return DEFAULT.format(
        name=name,
        draw=draw,
        question=question,
        seed=max(10, budget // 2),
        few=max(3, budget // 8),
        more=min(400, rows // 5) if endpoints else 0,
        budget=budget,
        learn_from="silver" if endpoints else "silver_and_pool",
        labelling=JUDGES.format(judges=judges) if endpoints else NO_JUDGES,
    )
