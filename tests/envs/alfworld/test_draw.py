from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from envs.alfworld.data import TASK_TYPES, GameEntry
from envs.alfworld.draw import draw_order, hold_out


@st.composite
def splits(draw: st.DrawFn) -> list[GameEntry]:
    ids = draw(st.lists(st.text(max_size=8), unique=True, max_size=60))
    return [GameEntry(id_, draw(st.sampled_from(TASK_TYPES)), "goal", "move", "digest") for id_ in ids]


def counts(games: list[GameEntry]) -> Counter[str]:
    return Counter(game.category for game in games)


@given(splits(), st.integers())
def test_a_draw_holds_every_game_once_in_an_order_that_depends_on_the_seed_alone(
    games: list[GameEntry], seed: int
) -> None:
    order = draw_order(games, "train", seed)
    assert sorted(order, key=lambda game: game.id) == sorted(games, key=lambda game: game.id)
    assert draw_order(games[::-1], "train", seed) == order


@given(splits(), st.integers(), st.data())
def test_every_prefix_of_a_draw_has_the_types_in_the_proportions_of_the_split(
    games: list[GameEntry], seed: int, data: st.DataObject
) -> None:
    n = data.draw(st.integers(0, len(games)))
    prefix = counts(draw_order(games, "train", seed)[:n])
    for category, total in counts(games).items():
        assert abs(prefix[category] - n * total / len(games)) <= len(TASK_TYPES) / 2


@given(st.integers(1, 12), st.integers())
def test_equally_frequent_types_are_drawn_in_blocks_of_one_each(each: int, seed: int) -> None:
    games = [GameEntry(f"{kind}/{i}", kind, "goal", "move", "digest") for kind in TASK_TYPES for i in range(each)]
    order = draw_order(games, "train", seed)
    for start in range(0, len(order), len(TASK_TYPES)):
        assert set(counts(order[start : start + len(TASK_TYPES)]).values()) == {1}


@given(splits(), st.floats(0.01, 0.99))
def test_held_out_games_are_the_share_of_each_type_and_never_trained_on(games: list[GameEntry], share: float) -> None:
    train, validation = hold_out(games, share)
    assert not set(train) & set(validation)
    assert set(train) | set(validation) == set(games)
    for category, total in counts(games).items():
        assert abs(counts(validation)[category] - share * total) <= 0.5 + 1e-9
    assert hold_out(games[::-1], share) == (train, validation)
