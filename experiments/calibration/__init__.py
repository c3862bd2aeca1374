"""Measures with any model what the simulated one assumes: how its notice of lessons falls with a prompt's length, whether
repetition helps, how many rules it makes up and how often it misses the form. `python -m experiments.calibration`.
"""
