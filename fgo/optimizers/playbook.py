"""ACE's playbook (arXiv 2510.04618): bullets with ids and counters, edited by deltas, kept within a token budget."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fgo.llm.tokens import count_text
from fgo.optimizers.operations import Operation, Takes

VERBS: Mapping[str, Takes] = {"ADD": "text", "UPDATE": "both", "REMOVE": "target"}
_TAG = re.compile(r"^[-*\s]*\[(b\d+)\]\s*(helpful|harmful)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bullet:
    text: str
    helpful: int = 0
    harmful: int = 0
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Playbook:
    """Bullets by id (b1, b2, ...; ids are never used again), the oldest first."""

    bullets: Mapping[str, Bullet]
    made: int = 0

    def counted(self, reflection: str) -> Playbook:
        """With the reflector's verdicts on bullets, lines such as `- [b3] helpful`, added up."""
        bullets = dict(self.bullets)
        for id, verdict in dict(_TAG.findall(reflection)).items():
            if id in bullets:
                bullet = bullets[id]
                bullets[id] = replace(
                    bullet,
                    helpful=bullet.helpful + (verdict == "helpful"),
                    harmful=bullet.harmful + (verdict == "harmful"),
                )
        return Playbook(bullets, self.made)

    def edited(self, operations: Sequence[Operation]) -> Playbook:
        """With the curator's deltas merged in; what is there already is not added twice."""
        bullets, made = dict(self.bullets), self.made
        for operation in operations:
            match operation.verb:
                case "REMOVE":
                    bullets.pop(operation.target, None)
                case "UPDATE" if operation.target in bullets:
                    old = bullets[operation.target]
                    bullets[operation.target] = replace(old, text=operation.text, labels=operation.labels or old.labels)
                case "ADD" if _plain(operation.text) not in {_plain(bullet.text) for bullet in bullets.values()}:
                    made += 1
                    bullets[f"b{made}"] = Bullet(operation.text, labels=operation.labels)
        return Playbook(bullets, made)

    def within(self, tokens: int) -> Playbook:
        """Without its least helpful bullets, the oldest of equals first, until the rest fits."""
        bullets = dict(self.bullets)
        sizes = {id: count_text(f"- {bullet.text}\n") for id, bullet in bullets.items()}
        while bullets and sum(sizes[id] for id in bullets) > tokens:
            del bullets[min(bullets, key=lambda id: bullets[id].helpful - bullets[id].harmful)]
        return Playbook(bullets, self.made)

    def __str__(self) -> str:
        lines = [f"[{id}] (helpful {b.helpful}, harmful {b.harmful}) {b.text}" for id, b in self.bullets.items()]
        return "\n".join(["<rules>", *lines, "</rules>"])


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().lower()
