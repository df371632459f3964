"""Pipelines to start from: what the page of a new version offers."""

PIPELINES: dict[str, dict[str, str]] = {
    "default": {
        "title": "Training data",
        "summary": "Exact duplicates and pairs that people are divided on go; splits for training.",
        "dataset": "main",
        "text": """\
name: default
consensus:
  method: {method}
  question: {question}
stages:
  - filter: exact_duplicates
  - filter: minimum_votes
  - filter: consensus_threshold
    min_probability: 0.6
split:
  by: {by}
  fractions: {{train: 0.8, validation: 0.1, test: 0.1}}
  seed: 0
""",
    },
    "benchmark": {
        "title": "A benchmark",
        "summary": "Pairs that models get wrong and people agree on, without duplicates, as many of each subset; "
        "export it as RewardBench or RewardBench 2.",
        "dataset": "benchmark",
        "text": """\
name: benchmark
consensus:
  method: {method}
  question: {question}
stages:
  - filter: human_consensus
    least_people: 3
    method: {method}
    min_probability: 0.9
  - filter: hard_for_models
    most_right: 0.5
    least_models: 2
  - filter: exact_duplicates
  - filter: near_duplicates
  # - filter: contamination   # once the operator has put other benchmarks into BENCHMARKS_DIR
  - filter: balance
    most: 100
split:
  by: {by}
  fractions: {{train: 0, validation: 0, test: 1}}
  seed: 0
""",
    },
}
