from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from envs.logisticsqa.transport_numbers import (
    LETTERS,
    STYLES,
    WEIGHTS,
    check_digit,
    expand,
    find_written,
    is_issued,
    write,
)

BODIES = st.from_regex(r"[2-9][0-9]{6}", fullmatch=True)
LETTER = st.sampled_from(["", *LETTERS])
POSITION = st.integers(1, 99)


def issued(body: str) -> str:
    digit = check_digit(body)
    assume(digit is not None)
    return body + digit


def test_a_number_worked_out_by_hand():
    # 8*2 + 7*4 + 6*7 + 5*1 + 4*1 + 3*0 + 2*0 = 95; 95 + 4 = 99 = 9 * 11
    assert check_digit("2471100") == "4"
    assert is_issued("24711004")
    assert not is_issued("24711005")
    assert not is_issued("2471100")


@given(BODIES)
def test_the_weighted_sum_with_the_check_digit_is_a_multiple_of_eleven(body):
    number = issued(body)
    assert sum(w * int(d) for w, d in zip((*WEIGHTS, 1), number, strict=True)) % 11 == 0
    assert is_issued(number)


@given(BODIES, st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(body, place, by):
    number = issued(body)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert not is_issued(wrong)


@given(BODIES, st.integers(0, 6))
def test_two_digits_swapped_are_noticed(body, place):
    number = issued(body)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or not is_issued(swapped)


def test_one_body_in_eleven_has_no_check_digit():
    none = sum(check_digit(f"{body:07d}") is None for body in range(1_000_000, 1_011_000))
    assert none == 1000


@given(
    LETTER,
    BODIES,
    st.sampled_from(STYLES),
    st.sampled_from(["", "Transport ", "ref. ", "("]),
    st.sampled_from(["", ".", ", ", ")"]),
)
def test_a_number_is_read_back_from_every_style_and_surrounding(letter, body, style, before, after):
    number = letter + issued(body)
    (found,) = find_written(before + write(number, style) + after)
    assert found.number == number
    assert found.issued
    assert found.references() == [number]


@given(LETTER, BODIES, st.sampled_from(STYLES), POSITION, POSITION)
def test_a_range_stands_for_one_reference_a_position(letter, body, style, first, last):
    assume(first <= last)
    number = letter + issued(body)
    (found,) = find_written(f"{write(number, style)}/{first:02d}-{last:02d}")
    assert found.references() == [f"{number}/{position:02d}" for position in range(first, last + 1)]


@given(BODIES, POSITION)
def test_a_single_position_stays(body, position):
    (found,) = find_written(f"{issued(body)}/{position:02d}")
    assert found.references() == [f"{issued(body)}/{position:02d}"]


def test_a_range_that_runs_backwards_gives_its_ends():
    assert expand("05", "03") == ["05", "03"]


@given(st.lists(BODIES, min_size=1, max_size=5), st.sampled_from([", ", "; ", " + "]), st.sampled_from(STYLES))
def test_several_numbers_in_one_text_are_all_read(bodies, separator, style):
    numbers = [issued(body) for body in bodies]
    assert [n.number for n in find_written(separator.join(write(number, style) for number in numbers))] == numbers


@given(st.text(alphabet="0123456789 .-/ASRVML", max_size=40))
def test_any_text_can_be_read(text):
    for found in find_written(text):
        assert found.text in text
        assert len(found.digits) == 8


def test_other_parties_numbers_are_none_of_ours():
    for text in ("157-24711004", "4524711004", "MSKU24711004", "DK24711004", "124711004", "24711004.5", "PO-24711004"):
        assert find_written(text) == []
