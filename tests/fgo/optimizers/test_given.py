from __future__ import annotations

from pathlib import Path

from fgo.optimizers.given import Given
from tests.fakes import SEED
from tests.fgo.optimizers.running import run


def test_the_given_text_takes_the_place_of_the_seeds_and_nothing_is_played_or_asked(tmp_path: Path) -> None:
    result = run(tmp_path, Given("- Say apple."), seed=SEED.child({"demonstrations": "one"}, "seed"))
    assert result.modules.texts == {**SEED.texts, "instructions": "- Say apple.", "demonstrations": "one"}
    assert result.modules.origin == "given"
    assert not result.door.asked


def test_without_a_text_the_seed_stays(tmp_path: Path) -> None:
    assert run(tmp_path, Given()).modules == SEED
