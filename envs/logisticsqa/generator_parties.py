"""Issuers and the company they bill: invented names, addresses and numbers whose check digits are right."""

from __future__ import annotations

import random
from dataclasses import dataclass

from envs.logisticsqa.generator_xml import STYLES, Element, XmlStyle, leaf, node
from envs.logisticsqa.wording import COUNTRIES

_FIRST = (
    "Nor", "Vest", "Sund", "Elb", "Maas", "Hav", "Bal", "Kron", "Lind", "Ster", "Ost", "Weser", "Fjord", "Vel", "Brink",
    "Hel", "Tor", "Gran", "Skov", "Duin", "Alt", "Kal", "Mar", "Rijn", "Birk", "Wes", "Ask", "Drey", "Holm", "Ulv",
)  # fmt: skip
_SECOND = (
    "trans", "lager", "cargo", "fragt", "line", "log", "port", "haul", "vej", "berg", "mark", "wijk", "stad", "feld",
    "dal", "hus", "bro", "kade", "gaard", "wald",
)  # fmt: skip
_FORMS = {"da": "A/S", "de": "GmbH", "nl": "B.V.", "sv": "AB", "en": "Ltd"}
_TRADES = {
    "da": ("Transport", "Spedition", "Vognmand"),
    "de": ("Spedition", "Logistik", "Kraftverkehr"),
    "nl": ("Transport", "Expeditie", "Logistiek"),
    "sv": ("Åkeri", "Transport", "Logistik"),
    "en": ("Haulage", "Forwarding", "Logistics"),
}
CITIES = {
    "da": (("Kolding", "6000"), ("Aarhus", "8000"), ("Padborg", "6330"), ("Odense", "5000"), ("Køge", "4600")),
    "de": (("Hamburg", "20457"), ("Bremen", "28217"), ("Lübeck", "23569"), ("Kassel", "34123"), ("Köln", "50735")),
    "nl": (("Rotterdam", "3011 AA"), ("Venlo", "5928 PH"), ("Tilburg", "5047 TM"), ("Zwolle", "8041 AL")),
    "sv": (("Malmö", "211 24"), ("Göteborg", "418 34"), ("Jönköping", "553 05"), ("Helsingborg", "252 25")),
    "en": (("Felixstowe", "IP11 3SY"), ("Immingham", "DN40 2LZ"), ("Leeds", "LS10 1NE"), ("Dover", "CT16 1JA")),
}
_STREETS = {
    "da": ("Havnegade", "Industrivej", "Transitvej", "Fragtvej"),
    "de": ("Hafenstraße", "Am Güterbahnhof", "Speicherweg", "Industriestraße"),
    "nl": ("Havenweg", "Expeditieweg", "Waalkade", "Industrieweg"),
    "sv": ("Hamngatan", "Terminalgatan", "Industrigatan", "Åkarevägen"),
    "en": ("Dock Road", "Trading Estate", "Harbour Way", "Station Road"),
}
_PEOPLE = ("M. Hansen", "K. Vogel", "J. de Wit", "L. Ek", "P. Ward", "A. Holst", "S. Brandt", "R. Kuiper", "T. Lund")
_SCHEMES = {"da": "0184", "de": "9930", "nl": "0106", "sv": "0007", "en": "0088"}
RATES = {"da": 25, "de": 19, "nl": 21, "sv": 25, "en": 20}
CURRENCIES = {"da": "DKK", "de": "EUR", "nl": "EUR", "sv": "SEK", "en": "GBP"}


@dataclass(frozen=True, slots=True)
class Party:
    """A company as an invoice shows it."""

    name: str
    language: str
    street: str
    city: str
    zone: str
    company_id: str
    vat_id: str
    gln: str
    iban: str
    contact: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """A supplier and its software's habits. number_style: how it writes transport numbers that need putting right.

    lean: its invoices show no contacts and nothing else that need not be there. size: multiplies the number of lines.
    """

    party: Party
    style: XmlStyle
    number_style: str
    profile: int
    coded_notes: bool
    with_attachment: bool
    lean: bool
    size: float


def draw_party(name: str, language: str, generator: random.Random) -> Party:
    country = COUNTRIES[language]
    city, zone = generator.choice(CITIES[language])
    company_id = str(generator.randrange(10**7, 10**8))
    vat_id = {"NL": f"NL{company_id}0B01", "SE": f"SE55{company_id}01"}.get(country, f"{country}{company_id}")
    street = f"{generator.choice(_STREETS[language])} {generator.randrange(1, 240)}"
    return Party(
        name, language, street, city, zone, company_id, vat_id, gln(generator), _iban(country, generator),
        generator.choice(_PEOPLE),
    )  # fmt: skip


def draw_issuers(languages: tuple[str, ...], each: int, style_names: tuple[str, ...], seed: int) -> list[list[Issuer]]:
    """For each family (by its language), `each` issuers. No two issuers of one seed share a name."""
    generator = random.Random(f"{seed}/issuers")
    stems = generator.sample([first + second for first in _FIRST for second in _SECOND], len(languages) * each)
    return [
        [_draw_issuer(stems[row * each + column], language, style_names, generator) for column in range(each)]
        for row, language in enumerate(languages)
    ]


def _draw_issuer(stem: str, language: str, style_names: tuple[str, ...], generator: random.Random) -> Issuer:
    name = f"{stem} {generator.choice(_TRADES[language])} {_FORMS[language]}"
    return Issuer(
        draw_party(name, language, generator),
        generator.choice(STYLES),
        generator.choice(style_names),
        generator.randrange(3),
        generator.random() < 0.4,
        generator.random() < 0.4,
        generator.random() < 0.4,
        generator.choice((0.5, 0.8, 1.0, 1.0, 1.5, 3.0)),
    )


def company(language: str) -> Party:
    """The logistics company's branch that is billed in a language: the same in every set."""
    generator = random.Random(f"company/{language}")
    return draw_party(f"Vestmar Logistics {_FORMS[language]}", language, generator)


def party_element(role: str, party: Party, lean: bool) -> Element:
    """An AccountingSupplierParty or AccountingCustomerParty."""
    legal = node("PartyLegalEntity", leaf("RegistrationName", party.name), leaf("CompanyID", party.company_id))
    contact = node(
        "Contact",
        leaf("Name", party.contact),
        leaf("Telephone", f"+{party.gln[1:3]} {party.gln[3:6]} {party.gln[6:12]}"),
        leaf("ElectronicMail", f"mail@{party.name.split()[0].lower()}.example"),
    )
    return node(
        role,
        node(
            "Party",
            None if lean else leaf("EndpointID", party.company_id, schemeID=_SCHEMES[party.language]),
            None if lean else node("PartyIdentification", leaf("ID", party.gln, schemeID="0088")),
            node("PartyName", leaf("Name", party.name)),
            None if lean else address("PostalAddress", party.street, party.city, party.zone, party.language),
            node("PartyTaxScheme", leaf("CompanyID", party.vat_id), node("TaxScheme", leaf("ID", "VAT"))),
            None if lean else (legal, contact),
        ),
    )


def address(name: str, street: str, city: str, zone: str, language: str) -> Element:
    return node(
        name,
        leaf("StreetName", street),
        leaf("CityName", city),
        leaf("PostalZone", zone),
        node("Country", leaf("IdentificationCode", COUNTRIES[language])),
    )


def gln(generator: random.Random) -> str:
    """A global location number: thirteen digits, the last a check digit (GS1)."""
    digits = "57" + "".join(str(generator.randrange(10)) for _ in range(10))
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)


def _iban(country: str, generator: random.Random) -> str:
    bank = {"NL": "RABO", "GB": "MIDL"}.get(country, "")
    length = {"DK": 14, "DE": 18, "NL": 10, "SE": 20, "GB": 14}[country]
    account = bank + "".join(str(generator.randrange(10)) for _ in range(length))
    as_number = "".join(str(int(character, 36)) for character in f"{account}{country}00")
    return f"{country}{98 - int(as_number) % 97:02d}{account}"
