"""Ways to divide the training tasks into disjoint subsets, one file each; the paper's own is not known to us (OPEN)."""
