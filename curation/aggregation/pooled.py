"""The default: MACE says what is true, and all the methods together say how people will vote.

The posterior is MACE's. The forecast is a logarithmic pool (`_predict`) of the unit's own shares, the posteriors
of MACE and of Dawid and Skene and, where votes compare two sides, Newman's model of the comparison graph; each
weighs what votes that were held out show it to be worth. So the graph counts where responses meet again and
again, and costs nothing where every pair stands alone.
"""

from curation.aggregation import Consensus, Votes, dawid_skene, mace, newman
from curation.aggregation._predict import Floats, pooled_forecast

TITLE = "Pooled"
SUMMARY = "MACE for the label; every method and the comparison graph together for how divided people are."
TAKES = "categories"


def aggregate(votes: Votes, *, seed: int = 0) -> Consensus:
    """MACE's posterior and reliabilities, with the pooled forecast; ``seed`` chooses the votes that fit the pool."""
    fitted = mace.fit(votes)
    predictive_UC, weights = pooled_forecast(votes, _believe, seed=seed)
    notes = {"iterations": fitted.iterations, "pool": weights, **newman.graph(votes)}
    return Consensus(fitted.probs_UC, predictive_UC, fitted.knows_R, notes)


def _believe(votes: Votes) -> dict[str, Floats]:
    beliefs = {"mace": mace.fit(votes).probs_UC, "dawid_skene": dawid_skene.fit(votes)[0]}
    if votes.sides_U2 is not None:
        beliefs["graph"] = newman.fit(votes).probs_UC
    return beliefs
