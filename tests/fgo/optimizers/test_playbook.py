from __future__ import annotations

from fgo.optimizers.operations import Operation
from fgo.optimizers.playbook import Bullet, Playbook

THREE = Playbook({"b1": Bullet("Open it.", 2, 0), "b2": Bullet("Close it.", 0, 1), "b4": Bullet("Look.")}, 4)


def test_deltas_add_under_new_ids_update_and_remove() -> None:
    after = THREE.edited([
        Operation("ADD", "", "Wait.", ("T1",)),
        Operation("UPDATE", "b1", "Open it first."),
        Operation("REMOVE", "b4"),
    ])  # fmt: skip
    assert after.bullets == {
        "b1": Bullet("Open it first.", 2, 0),
        "b2": Bullet("Close it.", 0, 1),
        "b5": Bullet("Wait.", labels=("T1",)),
    }
    assert after.edited([Operation("REMOVE", "b5"), Operation("ADD", "", "Run.")]).bullets.keys() == {"b1", "b2", "b6"}


def test_what_is_there_already_is_not_added_twice() -> None:
    assert THREE.edited([Operation("ADD", "", "open  IT")]).bullets == THREE.bullets


def test_verdicts_of_a_reflection_are_counted_once_a_bullet() -> None:
    said = "- It looked.\n- [b1] helpful\n* [b2] harmful: it closed too early\n- [b1] helpful\n- [b9] harmful"
    after = THREE.counted(said)
    assert (after.bullets["b1"].helpful, after.bullets["b2"].harmful) == (3, 2)
    assert after.bullets["b4"] == THREE.bullets["b4"]
    assert set(after.bullets) == set(THREE.bullets)


def test_over_its_budget_the_least_helpful_bullets_go_first() -> None:
    assert THREE.within(100) == THREE
    assert list(THREE.within(10).bullets) == ["b1", "b4"]
    assert list(THREE.within(6).bullets) == ["b1"]
    assert list(THREE.within(1).bullets) == []


def test_it_shows_ids_and_counters() -> None:
    assert str(THREE).splitlines()[1] == "[b1] (helpful 2, harmful 0) Open it."
