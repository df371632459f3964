"""Pages of the reward lab, cut by noun."""
