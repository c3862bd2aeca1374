"""One reading of one prompt: what the model notices in it, once and for all repairs of its reply."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fgo.llm.sim.draws import draw, pick
from fgo.llm.sim.parameters import Parameters
from fgo.llm.sim.prompt_parts import Block, lines_of, split_critique
from fgo.llm.sim.recall import notice
from fgo.llm.sim.rulebook import CARELESS, Rulebook
from fgo.types import digest


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place in the prompt that points to a rule, and the label of the trajectory it stands in."""

    offset: int
    label: str


@dataclass(frozen=True, slots=True)
class Reader:
    """text: all that was given to read, system prompt first. tokens: the whole prompt's. key: its digest."""

    parameters: Parameters
    rulebook: Rulebook
    seed: int
    text: str
    tokens: int
    key: str

    @staticmethod
    def of(parameters: Parameters, rulebook: Rulebook, seed: int, text: str, tokens: int) -> Reader:
        return Reader(parameters, rulebook, seed, text, tokens, digest(text))

    def happens(self, chance: float, purpose: str, *texts: str) -> bool:
        return draw(self.seed, purpose, self.key, *texts) < chance

    def notices(self, name: str, offsets: Iterable[int]) -> bool:
        """Whether it notices what stands at all these offsets."""
        places = [offset / max(1, len(self.text)) for offset in offsets]
        return self.happens(notice(self.parameters, self.tokens, places), "notice", name)

    def invention(self, *texts: str) -> str | None:
        """The name of a made-up rule, or None: mostly none."""
        names = self.rulebook.inventions
        if not names or not self.happens(self.parameters.wrong_rate, "invent", *texts):
            return None
        return pick(names, self.seed, "invention", self.key, *texts)

    def wording(self, name: str) -> str:
        """A noticed rule as it gets written: now and then without its condition."""
        careless = self.rulebook.has_careless(name) and self.happens(self.parameters.careless_rate, "careless", name)
        return self.rulebook.statement(name + CARELESS if careless else name)

    def sightings(self, trajectories: Sequence[Block]) -> dict[str, list[Sighting]]:
        """Where each rule shows: trajectories that show its lack (of a false one, its harm), critiques that state it.

        A critique's sighting of a false rule counts for the rule, under the rule's name with `STATED` before it,
        since it speaks for what a trajectory's sighting speaks against.
        """
        found: dict[str, list[Sighting]] = {}
        for block in trajectories:
            label = block.attributes.get("id", "")
            own, critique = split_critique(block)
            for name, ends in self.rulebook.shown(own.text).items():
                found.setdefault(name, []).extend(Sighting(own.start + end, label) for end in ends)
            for line, offset in lines_of(critique) if critique else ():
                for name in self.rulebook.stated_in_line(line.strip()):
                    key = name if name in self.rulebook.lessons else STATED + name
                    found.setdefault(key, []).append(Sighting(offset, label))
        return found


STATED = "stated:"
