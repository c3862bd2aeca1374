from __future__ import annotations

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.page.pack import Packer, embedded, packed, unpacked

TEXTS = st.one_of(
    st.text(),
    st.sampled_from(
        ["</script>", "<!--<script>", "]]>", "</SCRIPT ", "\u2028", "&lt;", "<img src=x onerror=alert(1)>"]
    ),
)
DATA = st.recursive(
    TEXTS | st.integers(-(2**53), 2**53) | st.booleans() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@settings(max_examples=50, deadline=None)
@given(DATA)
def test_no_text_in_embedded_data_can_end_its_element_and_none_is_changed(data: object) -> None:
    block = embedded(data)

    assert not set(block) & set(b"<>&")
    assert orjson.loads(block) == data


@settings(max_examples=50, deadline=None)
@given(DATA)
def test_packed_data_are_plain_letters_and_come_out_as_they_went_in(data: object) -> None:
    block = packed(data)

    assert block.isascii()
    assert block.replace("+", "").replace("/", "").rstrip("=").isalnum()
    assert unpacked(block) == data


@settings(max_examples=50, deadline=None)
@given(st.lists(DATA), st.integers(1, 200))
def test_items_stand_in_their_blocks_in_order(items: list[object], size: int) -> None:
    packer = Packer(size)
    for item in items:
        packer.add(item)
    blocks = [unpacked(block) for block in packer.blocks()]

    assert [item for block in blocks for item in block] == items
    assert packer.starts == [sum(map(len, blocks[:k])) for k in range(len(blocks))]
    assert all(blocks)


def test_a_block_is_closed_once_it_is_full() -> None:
    packer = Packer(size=10)
    for _ in range(6):
        packer.add("12345")
    assert len(list(packer.blocks())) == 3
