"""ALFWorld whose games begin near their end, and whose observations tell the commands and the task: for very small models."""
