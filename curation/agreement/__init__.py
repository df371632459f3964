"""Agreement between raters, corrected for chance, with intervals.

People, models, rules and imports are compared in one way, through `annotate.feedback.Reading`: Krippendorff's
alpha for any number of raters with gaps, Cohen's kappa for two of them.

What degenerate data give, everywhere here: a figure that nothing supports is None with a note, never NaN.
Where every reading is the same, chance agreement is certain too: the figure is 1, without an interval and with
a note. Where raters agree perfectly but not trivially, no resample disagrees, so the interval's lower end comes
from Wilson's upper bound on the share of units in dispute. Pure: knows no Django.
"""

from curation.agreement.coding import Estimate
from curation.agreement.cohen import kappa, pairwise
from curation.agreement.krippendorff import alpha, percent
from curation.agreement.people import people
from curation.agreement.reporting import report
from curation.agreement.standing import raters

__all__ = ["Estimate", "alpha", "kappa", "pairwise", "people", "percent", "raters", "report"]
