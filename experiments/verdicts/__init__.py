"""Whether a study bears a claim out: what a verdict is, and one rule a file that gives it."""
