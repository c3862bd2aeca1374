from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from envs.alfworld.engine.names import display_names

KINDS = st.sampled_from(["mug", "sink", "sinkbasin", "bathtub", "loc", "basin"])
PLACES = st.sampled_from(
    ["_minus_1", "2_dot_5", "3_bar_4", "1_bar_sinkbasin", "1_bar_bathtubbasin", "_plus_00_comma_1"]
)
IDS = st.one_of(st.builds("{}_bar_{}".format, KINDS, PLACES), KINDS, st.sampled_from(["agent1", "mugtype"]))


@settings(deadline=None)
@given(st.sets(IDS))
def test_objects_are_called_what_alfworlds_demangler_calls_them(ids):
    from alfworld.agents.utils.misc import Demangler

    demangler = Demangler(game_infos={thing: SimpleNamespace(id=thing) for thing in ids})
    assert display_names(ids) == {thing: demangler.demangle_alfred_name(thing) for thing in ids}


def test_numbers_count_down_with_the_ids_and_basins_are_told_from_sinks():
    assert display_names(["mug_bar_1", "mug_bar_2", "sink_bar_1", "sink_bar_1_bar_sinkbasin", "agent1"]) == {
        "mug_bar_1": "mug 2",
        "mug_bar_2": "mug 1",
        "sink_bar_1": "sink 1",
        "sink_bar_1_bar_sinkbasin": "sinkbasin 1",
        "agent1": "agent1 ",
    }
