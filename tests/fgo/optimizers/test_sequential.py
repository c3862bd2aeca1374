from __future__ import annotations

from pathlib import Path

from fgo.optimizers.improve import ImproveConfig
from fgo.optimizers.sequential import Sequential
from tests.fgo.optimizers.running import replying, run


def test_each_batch_goes_on_from_what_the_one_before_left(tmp_path: Path) -> None:
    result = run(tmp_path, Sequential(batch_size=2, improve=ImproveConfig(epochs=1)))
    first, second = result.of("proposal")

    assert [prompt.count("<trajectory ") for prompt in result.prompts("optimizer")] == [2, 2]
    assert second["parent"] == result.of("decision")[0]["candidate"]
    assert len(first["shown"]) == len(second["shown"]) == 2
    assert set(first["shown"].values()).isdisjoint(second["shown"].values())
    assert result.modules["instructions"].count("- word:") == 4


def test_all_tasks_are_in_one_batch_of_a_pass_and_batches_differ_between_passes(tmp_path: Path) -> None:
    method = Sequential(batch_size=2, improve=ImproveConfig(epochs=2, ties="candidate"))
    result = run(tmp_path, method, n=6)
    batches: dict[tuple[int, int], set[str]] = {}
    for event in result.of("episode"):
        if event["phase"] == "explore":
            place = (event["scope"]["epoch"], event["scope"]["batch"])
            batches.setdefault(place, set()).add(event["trajectory"]["task_id"])
    for epoch in (0, 1):
        assert sorted(task for (e, _), tasks in batches.items() if e == epoch for task in tasks) == [
            f"task-{n}" for n in range(6)
        ]
    assert {frozenset(batches[0, n]) for n in range(3)} != {frozenset(batches[1, n]) for n in range(3)}


def test_a_batch_that_does_harm_is_rolled_back_and_idle_passes_end_it(tmp_path: Path) -> None:
    harm = replying('<module name="instructions">\n- never\n</module>')
    method = Sequential(batch_size=2, improve=ImproveConfig(epochs=9, patience=2, evaluator=False, ties="incumbent"))
    result = run(tmp_path, method, harm)

    assert result.modules.origin == "seed"
    assert max(event["scope"]["epoch"] for event in result.of("decision")) == 1
