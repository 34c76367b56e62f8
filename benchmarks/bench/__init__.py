"""How fast and how small: accordant beside the stock generator, its peers and the limit, as ratios in one run."""
