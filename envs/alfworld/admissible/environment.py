"""ALFWorld whose episodes tell their admissible commands, for `agent.constrain=admissible`.

Small models write commands that name nothing in the room, and each such step is "Nothing happens."; held to what applies, what is
left to them is which of it to do. Success rates are none of the standard protocol's, so it is an environment of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from envs.alfworld.environment import AlfWorld
from envs.alfworld.episode import AlfWorldEpisode
from fgo.types import Task


class AdmissibleEpisode(AlfWorldEpisode):
    """As ever, and tells what applies."""

    @classmethod
    def of(cls, episode: AlfWorldEpisode) -> AdmissibleEpisode:
        return cls(episode._game)

    def admissible(self) -> tuple[str, ...]:
        """The commands that apply now, sorted; () before the first `reset`."""
        return tuple(sorted(self._game.admissible))


@dataclass(frozen=True)
class AdmissibleAlfWorld(AlfWorld):
    """ALFWorld's games with their admissible commands told. The fields are AlfWorld's own."""

    async def open(self, task: Task) -> AdmissibleEpisode:
        return AdmissibleEpisode.of(await super().open(task))
