"""GAIA (Mialon et al. 2023): questions for general assistants, each with one short answer and some with a file."""
