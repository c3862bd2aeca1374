"""Plays ALFWorld's text games: the stock environment's texts and outcomes, many games at once, for little CPU."""

from envs.alfworld.engine.game import GameState
from envs.alfworld.engine.pool import Game, GamePool

__all__ = ["Game", "GamePool", "GameState"]
