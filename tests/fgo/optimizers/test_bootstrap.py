from __future__ import annotations

from pathlib import Path

from fgo.llm.types import Caller, Request
from fgo.optimizers.bootstrap import Bootstrap
from tests.fakes import SEED, obey, say
from tests.fgo.optimizers.running import run

TWO_WORDS = SEED.child({"instructions": "Be brief.\n- word: apple\n- word: pear"}, "seed")


def imitate(request: Request, caller: Caller) -> str:
    """Says the words of its demonstrations first, then those of its instructions."""
    system = str(request.messages[0]["content"])
    shown = system.partition("<demonstrations>")[2]
    words = list(dict.fromkeys(line.split()[-1] for line in shown.splitlines() if line.startswith("Action: say ")))
    turn = sum(message["role"] == "assistant" for message in request.messages)
    return say(words[turn]) if turn < len(words) else obey(request, caller)


def test_the_shortest_success_becomes_a_demonstration_in_the_form_of_a_trajectory(tmp_path: Path) -> None:
    result = run(tmp_path, Bootstrap(demonstrations=1, candidates=1, epochs=1), imitate, seed=TWO_WORDS)

    assert result.modules["demonstrations"] == (
        "Observation: Say the secret word.\nThought: I know it.\nAction: say apple\nObservation: Right."
    )
    (proposal,) = result.of("proposal")
    assert list(proposal["shown"]) == ["T1"]
    assert proposal["evidence"] == {"Observation: Say the secret word.": ["T1"]}
    assert {caller.role for _, caller in result.door.asked} == {"agent"}


def test_random_sets_of_at_most_so_many_are_tried_each_once(tmp_path: Path) -> None:
    result = run(tmp_path, Bootstrap(demonstrations=2, candidates=8, epochs=1), imitate, seed=TWO_WORDS)
    sets = [proposal["modules"]["texts"]["demonstrations"] for proposal in result.of("proposal")]

    assert 1 < len(sets) <= 8
    assert all(1 <= text.count("Say the secret word.") <= 2 for text in sets)
    assert len(result.of("validation")) == 1 + len(set(sets))


def test_only_tasks_that_failed_are_played_again(tmp_path: Path) -> None:
    result = run(tmp_path, Bootstrap(attempts=3, epochs=1), imitate, seed=TWO_WORDS)
    assert result.episodes("explore") == 4 + 2 + 2


def test_what_is_too_long_or_was_lost_is_no_demonstration(tmp_path: Path) -> None:
    for number, (method, seed) in enumerate(((Bootstrap(longest=50), TWO_WORDS), (Bootstrap(), SEED))):
        result = run(tmp_path / str(number), method, imitate, seed=seed)
        assert result.modules is seed
        assert {event["problem"] for event in result.of("proposal")} == {"no task was solved"}


def test_a_set_that_was_tried_is_not_tried_again_in_later_rounds(tmp_path: Path) -> None:
    result = run(tmp_path, Bootstrap(demonstrations=1, epochs=9, patience=2), imitate, seed=TWO_WORDS)
    assert len(result.of("decision")) == 2  # two tasks are solved, so there are two sets
    assert result.episodes("explore") == 3 * 4  # a round that gained, two that did not
