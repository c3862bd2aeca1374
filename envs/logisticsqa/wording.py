"""What the generated invoices say, in five languages. `{}` is filled with a number, `{old}` and `{new}` with two."""

from __future__ import annotations

from dataclasses import dataclass

NAMES = {"da": "Danish", "de": "German", "nl": "Dutch", "sv": "Swedish", "en": "English"}
COUNTRIES = {"da": "DK", "de": "DE", "nl": "NL", "sv": "SE", "en": "GB"}


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. freight: carriage, each a reference's line; other: what is billed beside it, with codes of its kind."""

    thanks: tuple[str, ...]
    terms: tuple[str, ...]
    carries: tuple[str, ...]
    mentions: tuple[str, ...]
    superseded: tuple[str, ...]
    unrelated: tuple[str, ...]
    freight: tuple[str, ...]
    other: tuple[tuple[str, str], ...]
    for_number: tuple[str, ...]
    surcharge: tuple[str, ...]
    overhead: tuple[str, ...]
    credit: tuple[str, ...]


WORDING = {
    "da": Wording(
        thanks=(
            "Tak for ordren.",
            "Alle opgaver udføres i henhold til NSAB 2015.",
            "Ved spørgsmål kontakt venligst vores bogholderi.",
        ),
        terms=("Netto 30 dage", "Løbende måned + 15 dage", "Netto 14 dage. Ved for sen betaling beregnes renter."),
        carries=("Transport {}", "Sendinger: {}", "Vedr. kørsel {}"),
        mentions=(
            "Tidligere sendt under {}",
            "Vores sag {}",
            "Jf. reklamation på {}",
            "Returgods fra {} afregnes særskilt",
        ),
        superseded=(
            "Sendingsnummer {old} er annulleret, brug {new}.",
            "Benyt {new} i stedet for {old}, som er bortfaldet.",
        ),
        unrelated=("Ordre {} er annulleret.", "Prislisten fra 2023 er erstattet af prislisten for 2025."),
        freight=("Vejtransport {a}-{b}", "Kørsel {a} til {b}, palletter", "Fragt {a}-{b}, {kg} kg"),
        other=(
            ("Toldbehandling", "80131501"),
            ("Opbevaring på lager", "78131600"),
            ("Transportforsikring", "84131503"),
        ),
        for_number=("sending {}", "jf. {}", "ref. {}"),
        surcharge=("Brændstoftillæg", "Miljøtillæg"),
        overhead=("Kontorleje", "Kaffeaftale", "Serviceaftale truck"),
        credit=("Kreditering efter aftale", "Kreditnota for forkert vægt"),
    ),
    "de": Wording(
        thanks=(
            "Wir danken für Ihren Auftrag.",
            "Wir arbeiten ausschließlich auf Grundlage der ADSp 2017.",
            "Leistungsdatum entspricht dem Lieferdatum.",
        ),
        terms=("Zahlbar innerhalb von 30 Tagen ohne Abzug", "14 Tage 2 % Skonto, 30 Tage netto", "Sofort fällig"),
        carries=("Transport {}", "Sendungen: {}", "Betrifft Beförderung {}"),
        mentions=("Vormals abgerechnet unter {}", "Unser Zeichen {}", "Reklamation zu {} folgt", "Rückladung aus {}"),
        superseded=(
            "Sendungsnummer {old} wurde storniert, bitte {new} verwenden.",
            "Es gilt {new} statt {old} (entfallen).",
        ),
        unrelated=("Die Bestellung {} wurde storniert.", "Die Preisliste 2023 wird durch die Preisliste 2025 ersetzt."),
        freight=("Lkw-Transport {a}-{b}", "Fracht {a} nach {b}, {kg} kg", "Stückgut {a}-{b}"),
        other=(("Zollabfertigung", "80131501"), ("Lagergeld", "78131600"), ("Transportversicherung", "84131503")),
        for_number=("Sendung {}", "zu {}", "Pos. {}"),
        surcharge=("Dieselzuschlag", "Mautgebühr"),
        overhead=("Büromiete", "Wartung Gabelstapler", "Softwarepflege"),
        credit=("Gutschrift wegen Fehlberechnung", "Gutschrift Frachtdifferenz"),
    ),
    "nl": Wording(
        thanks=(
            "Bedankt voor uw opdracht.",
            "Op al onze werkzaamheden zijn de Nederlandse Expeditievoorwaarden van toepassing.",
            "Gelieve bij betaling het factuurnummer te vermelden.",
        ),
        terms=("Betaling binnen 30 dagen", "Betaling binnen 14 dagen na factuurdatum", "Automatische incasso"),
        carries=("Transport {}", "Zendingen: {}", "Betreft rit {}"),
        mentions=("Eerder geleverd onder {}", "Ons dossier {}", "Zie klacht over {}", "Retourvracht van {}"),
        superseded=(
            "Zendingnummer {old} is vervallen, gebruik {new}.",
            "Gebruik {new} in plaats van {old}, dat geannuleerd is.",
        ),
        unrelated=("Order {} is geannuleerd.", "De prijslijst van 2023 is vervangen door die van 2025."),
        freight=("Wegtransport {a}-{b}", "Vracht {a} naar {b}, {kg} kg", "Rit {a}-{b}, pallets"),
        other=(("Douaneafhandeling", "80131501"), ("Opslag", "78131600"), ("Transportverzekering", "84131503")),
        for_number=("zending {}", "bij {}", "ref. {}"),
        surcharge=("Brandstoftoeslag", "Tolheffing"),
        overhead=("Huur kantoor", "Onderhoud heftruck", "Schoonmaak"),
        credit=("Creditering volgens afspraak", "Correctie gewicht"),
    ),
    "sv": Wording(
        thanks=(
            "Tack för er beställning.",
            "Alla uppdrag utförs enligt NSAB 2015.",
            "Godkänd för F-skatt.",
        ),
        terms=("30 dagar netto", "Betalning 20 dagar netto, dröjsmålsränta 8 %", "10 dagar netto"),
        carries=("Transport {}", "Sändningar: {}", "Avser körning {}"),
        mentions=("Tidigare levererat under {}", "Vårt ärende {}", "Se reklamation på {}", "Returgods från {}"),
        superseded=(
            "Sändningsnummer {old} är makulerat, använd {new}.",
            "Använd {new} i stället för {old}, som utgått.",
        ),
        unrelated=("Order {} är makulerad.", "Prislistan från 2023 ersätts av prislistan för 2025."),
        freight=("Vägtransport {a}-{b}", "Frakt {a} till {b}, {kg} kg", "Körning {a}-{b}"),
        other=(("Tullklarering", "80131501"), ("Lagring", "78131600"), ("Transportförsäkring", "84131503")),
        for_number=("sändning {}", "enl. {}", "ref. {}"),
        surcharge=("Drivmedelstillägg", "Vägavgift"),
        overhead=("Kontorshyra", "Service gaffeltruck", "Städning"),
        credit=("Kreditering enligt överenskommelse", "Rättelse av vikt"),
    ),
    "en": Wording(
        thanks=(
            "Thank you for your business.",
            "All business is subject to the BIFA Standard Trading Conditions.",
            "Please quote the invoice number with your payment.",
        ),
        terms=("Net 30 days", "Payment within 14 days of invoice date", "End of month following"),
        carries=("Transport {}", "Shipments: {}", "Re haulage {}"),
        mentions=("Previously delivered under {}", "Our file {}", "See claim on {}", "Return load of {}"),
        superseded=(
            "Shipment number {old} was cancelled, use {new}.",
            "Use {new} instead of {old}, which is void.",
        ),
        unrelated=("Order {} was cancelled.", "The 2023 price list has been replaced by that of 2025."),
        freight=("Road haulage {a}-{b}", "Freight {a} to {b}, {kg} kg", "Carriage {a}-{b}, pallets"),
        other=(("Customs clearance", "80131501"), ("Warehousing", "78131600"), ("Cargo insurance", "84131503")),
        for_number=("shipment {}", "for {}", "ref. {}"),
        surcharge=("Fuel surcharge", "Road toll"),
        overhead=("Office rent", "Forklift service", "Cleaning"),
        credit=("Credit as agreed", "Correction of weight"),
    ),
}
