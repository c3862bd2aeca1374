from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fgo.journal import read_events
from fgo.optimizers.acceptance import Ties
from fgo.optimizers.allowance import AllowanceConfig
from fgo.optimizers.improve import Candidate
from fgo.optimizers.rounds import contest, record_proposal
from fgo.types import Modules
from tests.fakes import SEED, make_lab, word_tasks
from tests.fgo.optimizers.teacher import teach

ONE, TWO, NONE = (
    SEED.child({"instructions": text}, "proposal")
    for text in ("- word: apple", "- word: apple\n- word: pear", "- word: plum")
)


def held(
    folder: Path, *challengers: Modules, ties: Ties = "candidate", episodes: int = 100
) -> tuple[Modules, list[tuple[str, bool]]]:
    """Who won on the words apple and pear, and each decision."""
    lab, _ = make_lab(folder, teach, validation=word_tasks(2, 8), allowance=AllowanceConfig("episodes", episodes))

    async def work() -> Candidate:
        return await contest(Candidate(SEED, await lab.validate(SEED)), challengers, lab, ties)

    best = asyncio.run(work())
    lab.journal.close()
    events = [e for e in read_events(folder / "journal.jsonl") if e["kind"] == "decision"]
    return best.modules, [(event["candidate"], event["accepted"]) for event in events]


def test_each_challenger_is_decided_upon_against_the_best_before_it(tmp_path: Path) -> None:
    best, decisions = held(tmp_path, ONE, TWO, ONE, NONE)
    assert best is TWO
    assert decisions == [(ONE.digest, True), (TWO.digest, True), (NONE.digest, False)]


@pytest.mark.parametrize(("ties", "winner"), [("candidate", NONE), ("incumbent", SEED)])
def test_ties_go_to_whom_the_settings_say(tmp_path: Path, ties: Ties, winner: Modules) -> None:
    assert held(tmp_path, NONE, ties=ties)[0] is winner


def test_what_can_not_be_validated_takes_no_part(tmp_path: Path) -> None:
    best, decisions = held(tmp_path, ONE, TWO, episodes=5)  # two for the seed, two for the first challenger
    assert best is ONE
    assert [candidate for candidate, _ in decisions] == [ONE.digest]


def test_a_proposal_that_changes_nothing_is_told_as_such(tmp_path: Path) -> None:
    lab, _ = make_lab(tmp_path, teach)
    assert record_proposal(lab, SEED, SEED.child({}, "proposal"), "", {}, {}) is None
    assert record_proposal(lab, SEED, ONE, "", {}, {"- word: apple": ("T1",)}) is ONE
    lab.journal.close()
    first, second = read_events(tmp_path / "journal.jsonl")
    assert (first["modules"], first["problem"]) == (None, "the optimizer changed nothing")
    assert second["evidence"] == {"- word: apple": ["T1"]}
