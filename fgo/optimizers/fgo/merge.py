"""Progressive merging: group the improved candidates, merge each group, validate, and again, until one is left.

Stated by the paper: progressive merging of independently optimized components; recursive as reviewed. Arity, grouping and the
validation of each merge against its parents are choices of this project.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fgo.concurrency import together
from fgo.optimizers.acceptance import Ties, decide
from fgo.optimizers.base import Lab, Piece
from fgo.optimizers.fgo.grouping import GROUPINGS, Grouping
from fgo.optimizers.fgo.rule_merge import joined_evidence, merge_rules
from fgo.optimizers.improve import Candidate
from fgo.optimizers.module_text import asking_for, modules_reply, render_modules
from fgo.types import Modules


@dataclass(frozen=True, slots=True)
class MergeConfig:
    """arity: how many candidates one merge takes: 2 pairwise, k k-way, null all in one flat merge, 1 no merge at all (the
    best single subset's candidate wins). group: random, similarity or cluster. gate: whether a merge must hold its own
    against its parents on the validation sample. ties: who stays when validation can't tell them apart. form: how it is merged:
    "rewrite" (a model writes the merged text) or "rules" (a model only says which rules agree and which conflict, the
    trajectories behind them decide: rule_merge.py)."""

    arity: int | None = 2
    group: Grouping = "similarity"
    gate: bool = True
    ties: Ties = "candidate"
    form: Literal["rewrite", "rules"] = "rewrite"

    def __post_init__(self) -> None:
        if self.arity is not None and self.arity < 1:
            raise ValueError(f"optimizer.merge.arity={self.arity}: expected null (flat), 1 (no merge) or more")

    def merges(self, leaves: int) -> int:
        """How many merges it takes at most to come from `leaves` candidates to one."""
        if self.arity == 1 or leaves < 2:
            return 0
        return 1 if self.arity is None else leaves - 1


async def merge(candidates: Sequence[Candidate], names: Sequence[str], lab: Lab, config: MergeConfig) -> Candidate:
    """One candidate made of many; `names` are the modules to merge, the others are taken from the better parent."""
    pool = list({candidate.modules.digest: candidate for candidate in candidates}.values())
    level = 0
    while len(pool) > 1 and config.arity != 1:
        here = lab.within(level=level)
        arity = config.arity or len(pool)
        groups = [pool] if arity >= len(pool) else GROUPINGS[config.group](pool, arity, here.rng("merge groups"))
        merged = await together(
            merge_group(group, names, here.within(1 / len(groups), group=number), config)
            for number, group in enumerate(groups)
        )
        pool = list({candidate.modules.digest: candidate for candidate in merged}.values())
        level += 1
    return best_of(pool)


def best_of(candidates: Sequence[Candidate]) -> Candidate:
    """The best validated candidate; the first of equals."""
    return max(candidates, key=lambda candidate: candidate.validation.mean)


async def merge_group(group: Sequence[Candidate], names: Sequence[str], lab: Lab, config: MergeConfig) -> Candidate:
    """The merger's version of a group if it holds its own against its parents, else the best parent."""
    if len(group) == 1:
        return group[0]
    best = best_of(group)
    ordered = [best, *(candidate for candidate in group if candidate is not best)]
    ask = ask_merger if config.form == "rewrite" else merge_rules
    merged, problem = await ask(ordered, names, lab)
    evidence = joined_evidence(ordered)
    kept, why = best, problem
    if merged is not None and not lab.affords(lab.validation_size):
        why = "nothing left of the allowance to validate the merge"
    elif merged is not None and not config.gate:
        kept, why = Candidate(merged, await lab.validate(merged), evidence), "no gate: every merge replaces its parents"
    elif merged is not None:
        validation = await lab.validate(merged)
        decision = decide(validation, [candidate.validation for candidate in group], config.ties)
        kept, why = (Candidate(merged, validation, evidence) if decision.accepted else best), decision.why
    lab.record(
        "merge",
        parents=[candidate.modules.digest for candidate in ordered],
        parent_means=[candidate.validation.mean for candidate in ordered],
        modules=None if merged is None else merged.to_json(),
        accepted=kept is not best,
        kept=kept.modules.digest,
        why=why,
    )
    return kept


async def ask_merger(group: Sequence[Candidate], names: Sequence[str], lab: Lab) -> tuple[Modules | None, str]:
    """Merged modules, made from the first candidate and the others; or None and the problem."""
    versions = [
        f'<version id="{chr(ord("A") + number)}" validation="{candidate.validation.mean:.2f}">\n'
        f"{render_modules(Modules({name: candidate.modules[name] for name in names}))}\n</version>"
        for number, candidate in enumerate(group)
    ]
    asked = await lab.ask(
        "merger", "merge", asking_for("merge", names), [Piece(text) for text in versions],
        *modules_reply(names),
    )  # fmt: skip
    if asked.answer is None:
        return None, asked.problem
    first, *others = (candidate.modules for candidate in group)
    return first.child(asked.answer.texts, "merge", *others), ""
