"""ALFWorld where an agent may be told which commands apply now, as its games know it: an easier protocol than the papers' own."""
