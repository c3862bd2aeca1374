from __future__ import annotations

import re
from pathlib import Path

from fgo.optimizers.opro import OPRO
from fgo.types import Modules
from tests.fakes import WORDS
from tests.fgo.optimizers.running import replying, run


def block(*words: str) -> str:
    return '<module name="instructions">\n' + "\n".join(f"- word: {word}" for word in words) + "\n</module>"


TEXTS = [block(*WORDS[:n], *extra) for n in (1, 2, 3, 4) for extra in ((), ("zzz",))]


def test_a_step_asks_for_so_many_candidates_and_the_next_one_shows_them_scored_the_best_last(tmp_path: Path) -> None:
    result = run(tmp_path, OPRO(candidates=4, sample=4, epochs=2), replying(*TEXTS))
    first, *_, last = result.prompts("optimizer")

    assert len(result.prompts("optimizer")) == 8
    assert re.findall(r'score="(\d+)"', first) == ["0"]
    assert first.count("<trajectory ") == 3
    assert re.findall(r'score="(\d+)"', last) == ["0", "25", "25", "50", "50"]


def test_only_the_best_of_the_history_stand_in_the_prompt(tmp_path: Path) -> None:
    result = run(tmp_path, OPRO(candidates=4, sample=4, history=2, exemplars=1, epochs=2), replying(*TEXTS))
    assert re.findall(r'score="(\d+)"', result.prompts("optimizer")[-1]) == ["50", "50"]
    assert result.prompts("optimizer")[-1].count("<trajectory ") == 1


def test_candidates_are_scored_on_the_same_training_tasks_and_the_finalists_validated(tmp_path: Path) -> None:
    result = run(tmp_path, OPRO(candidates=8, sample=3, finalists=2, epochs=1), replying(*TEXTS), n=6)
    played = {event["trajectory"]["task_id"] for event in result.of("episode") if event["phase"] == "explore"}
    final = Modules.from_json(result.of("proposal")[-1]["modules"])

    assert len(played) == 3
    assert len(result.of("validation")) == 1 + 2
    assert len(result.of("decision")) == 2
    assert final.parents
    assert result.modules["instructions"].count("- word:") >= 3


def test_the_same_text_again_is_not_played_again(tmp_path: Path) -> None:
    result = run(tmp_path, OPRO(candidates=8, sample=4, epochs=5, patience=2), replying(TEXTS[0]))
    assert result.episodes("explore") == 4 + 4
    assert len(result.prompts("optimizer")) == 8 * 3  # one step that gained, two that did not
