"""Numbers that are no references: other parties' orders, waybills, containers and contracts, and look-alikes."""

from __future__ import annotations

import random

from envs.logisticsqa.conventions import Family
from envs.logisticsqa.transport_numbers import LETTERS, check_digit, write


class Numbers:
    """Draws one document's numbers, none twice. `style` and letters are those of the document's issuer."""

    def __init__(self, family: Family, style: str, generator: random.Random) -> None:
        self._style = style if "strip" in family.changes else "plain"
        self._letters = LETTERS if "letter" in family.changes else ""
        self._generator = generator
        self._used: set[str] = set()

    def own(self) -> str:
        """One of the company's, as it is booked: letter and eight digits."""
        while True:
            body = f"{self._generator.choice('2345')}{self._generator.randrange(10**6):06d}"
            digit = check_digit(body)
            if digit is not None and body not in self._used:
                self._used.add(body)
                return self._letter() + body + digit

    def foreign(self) -> str:
        """One of another forwarder's: the same shape, another last digit than the company's would be."""
        number = self.own()
        return number[:-1] + str((int(number[-1]) + self._generator.randrange(1, 10)) % 10)

    def written(self, number: str, positions: str = "") -> str:
        return write(number, self._style) + positions

    def decoy(self, own: float = 0.5) -> str:
        """A number of the company's shape as the issuer writes it, with chance `own` one of the company's."""
        return self.written(self.own() if self._generator.random() < own else self.foreign())

    def _letter(self) -> str:
        return self._generator.choice(self._letters) if self._letters else ""


def order_number(generator: random.Random) -> str:
    return generator.choice(
        (
            f"45{generator.randrange(10**8):08d}",
            f"PO-{generator.randrange(10**5, 10**6)}",
            f"{generator.randrange(2023, 2026)}-{generator.randrange(10**4):04d}",
        )
    )


def contract_number(generator: random.Random) -> str:
    return f"{generator.choice(('RV', 'FA', 'K'))}{generator.randrange(10**6, 10**7)}"


def waybill_number(generator: random.Random) -> str:
    """An air waybill (its last digit mod 7), a bill of lading, a road consignment note or a parcel number."""
    serial = generator.randrange(10**6, 10**7)
    return generator.choice(
        (
            f"{generator.choice(('020', '117', '157', '172'))}-{serial}{serial % 7}",
            f"{generator.choice(('HLCU', 'MAEU', 'CMDU'))}{generator.choice(('HAM', 'RTM', 'AAR'))}{serial}",
            f"CMR {generator.randrange(10**5, 10**6)}",
            f"00{generator.randrange(10**17, 10**18)}",
        )
    )


def container_number(generator: random.Random) -> str:
    """Owner, serial and the ISO 6346 check digit."""
    code = generator.choice(("MSKU", "HLXU", "CMAU", "TGHU")) + f"{generator.randrange(10**6):06d}"
    values = [int(character) if character.isdigit() else _letter_value(character) for character in code]
    return code + str(sum(value << place for place, value in enumerate(values)) % 11 % 10)


def _letter_value(letter: str) -> int:
    """10 for A and on, without the multiples of 11."""
    value = 10
    for _ in range(ord(letter) - ord("A")):
        value += 1
        value += value % 11 == 0
    return value
