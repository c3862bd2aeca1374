"""A plan as a UBL 2.1 document: elements in the schema's order, and amounts that add up (in whole cents)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from envs.logisticsqa.generator_attachment import attachment
from envs.logisticsqa.generator_parties import CITIES, CURRENCIES, RATES, Issuer, address, company, gln, party_element
from envs.logisticsqa.generator_plan import Line, Plan
from envs.logisticsqa.generator_xml import Element, flat, leaf, node, render
from envs.logisticsqa.wording import WORDING

_PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_PROFILES = (
    (_PEPPOL, "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"),
    ("urn:cen.eu:en16931:2017", ""),
    ("urn:www.cenbii.eu:transaction:biitrns010:ver2.0:extended:urn:www.peppol.eu:bis:peppol4a:ver2.0",
     "urn:www.cenbii.eu:profile:bii04:ver2.0"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Amounts:
    """Cents. lines: each line's (quantity, unit price, amount); surcharge: of the whole document; tax: rate in per cent."""

    lines: tuple[tuple[int, int, int], ...]
    surcharge: int
    rate: int

    @property
    def net(self) -> int:
        return sum(amount for _, _, amount in self.lines)

    @property
    def taxable(self) -> int:
        return self.net + self.surcharge

    @property
    def tax(self) -> int:
        return (self.taxable * self.rate + 50) // 100


def document(plan: Plan, issuer: Issuer, language: str, generator: random.Random) -> str:
    """The XML text. language: also the country of the branch that is billed."""
    kind, supplier = plan.kind, issuer.party
    abroad = generator.random() < 0.2
    customer = company("da" if abroad and language != "da" else language)
    currency = "EUR" if customer.language != language else CURRENCIES[language]
    amounts = _draw_amounts(plan, 0 if customer.language != language else RATES[language], generator)
    issued = date(2025, 1, 2) + timedelta(days=generator.randrange(330))
    number = generator.choice(
        (f"{generator.randrange(10**5, 10**6)}", f"R{issued.year}-{generator.randrange(10**5):05d}")
    )
    customization, profile = _PROFILES[issuer.profile]
    extra = attachment(number, generator) if issuer.with_attachment or generator.random() < 0.1 else None
    deliveries = tuple(_deliveries(plan, issuer, issued, language, generator))
    totals = _totals(amounts, currency)
    content = (
        leaf("UBLVersionID", "2.1") if issuer.profile else None,
        leaf("CustomizationID", customization),
        leaf("ProfileID", profile) if profile else None,
        leaf("ID", number),
        leaf("IssueDate", issued),
        leaf("DueDate", issued + timedelta(days=30)) if kind == "Invoice" else None,
        leaf(f"{kind}TypeCode", "380" if kind == "Invoice" else "381"),
        (leaf("Note", f"#{code}#{text}" if code else text) for code, text in plan.notes),
        leaf("DocumentCurrencyCode", currency),
        leaf("AccountingCost", plan.accounting_cost) if plan.accounting_cost else None,
        leaf("BuyerReference", plan.buyer_reference) if plan.buyer_reference else None,
        _period(issued) if plan.collective else None,
        _order(plan),
        _billing(plan, generator),
        (_reference("DespatchDocumentReference", identifier, type_code=code) for identifier, code in plan.despatch),
        (_reference("ReceiptDocumentReference", identifier) for identifier in plan.receipt),
        _reference("ContractDocumentReference", plan.contract) if plan.contract else None,
        (_reference("AdditionalDocumentReference", identifier, scheme) for identifier, scheme in plan.additional),
        extra,
        party_element("AccountingSupplierParty", supplier, issuer.lean),
        party_element("AccountingCustomerParty", customer, issuer.lean),
        deliveries,
        node(
            "PaymentMeans",
            leaf("PaymentMeansCode", plan.payment[0]),
            (leaf("PaymentID", identifier) for identifier in plan.payment[1]),
            node("PayeeFinancialAccount", leaf("ID", supplier.iban), leaf("Name", supplier.name)),
        ),
        None if issuer.lean else node("PaymentTerms", leaf("Note", generator.choice(WORDING[language].terms))),
        _surcharge(plan, amounts, currency) if amounts.surcharge else None,
        totals,
        (
            _line(kind, index, line, figures, amounts.rate, currency, generator)
            for index, (line, figures) in enumerate(zip(plan.lines, amounts.lines, strict=True), 1)
        ),
    )
    return render(kind, flat(content), issuer.style)


def _draw_amounts(plan: Plan, rate: int, generator: random.Random) -> _Amounts:
    lines = []
    for line in plan.lines:
        quantity = generator.choice((1, 1, 1, 2, 3, generator.randrange(4, 34)))
        price = 0 if line.free else generator.randrange(1500, 120000)
        lines.append((quantity, price, quantity * price))
    net = sum(amount for _, _, amount in lines)
    return _Amounts(tuple(lines), net * generator.randrange(2, 14) // 100 if plan.surcharge else 0, rate)


def _money(name: str, cents: int, currency: str) -> Element:
    return leaf(name, f"{cents // 100}.{cents % 100:02d}", currencyID=currency)


def _category(name: str, rate: int) -> Element:
    """Standard rate, or reverse charge where the buyer is abroad."""
    return node(name, leaf("ID", "S" if rate else "AE"), leaf("Percent", rate), node("TaxScheme", leaf("ID", "VAT")))


def _reference(name: str, identifier: str, scheme: str = "", type_code: str = "") -> Element:
    attributes = {"schemeID": scheme} if scheme else {}
    return node(
        name, leaf("ID", identifier, **attributes), leaf("DocumentTypeCode", type_code) if type_code else None
    )  # fmt: skip


def _period(issued: date) -> Element:
    first = (issued.replace(day=1) - timedelta(days=1)).replace(day=1)
    last = issued.replace(day=1) - timedelta(days=1)
    return node("InvoicePeriod", leaf("StartDate", first), leaf("EndDate", last))


def _order(plan: Plan) -> Element | None:
    if plan.order is None:
        return None
    identifier, code = plan.order
    return node("OrderReference", leaf("ID", identifier), leaf("OrderTypeCode", code) if code else None)


def _billing(plan: Plan, generator: random.Random) -> Iterator[Element]:
    """The invoice that a document refers to; one BillingReference for each transport it was booked under."""
    invoice = generator.randrange(10**5, 10**6)
    for text in plan.billing:
        yield node(
            "BillingReference",
            node("InvoiceDocumentReference", leaf("ID", invoice)),
            _reference("AdditionalDocumentReference", text),
        )


def _deliveries(plan: Plan, issuer: Issuer, issued: date, language: str, generator: random.Random) -> Iterator[Element]:
    city, zone = generator.choice(CITIES[language])
    shipments: list[tuple[str, str] | None] = [*plan.shipments] or [None]
    for shipment in shipments:
        if shipment is None and (issuer.lean or generator.random() < 0.4):
            return
        units = [
            node("TransportHandlingUnit", node("TransportEquipment", leaf("ID", number))) for number in plan.equipment
        ]
        yield node(
            "Delivery",
            leaf("ActualDeliveryDate", issued - timedelta(days=generator.randrange(1, 20))),
            node(
                "DeliveryLocation",
                leaf("ID", gln(generator), schemeID="0088"),
                address("Address", f"Terminal {generator.randrange(1, 9)}", city, zone, language),
            ),
            node("Shipment", leaf("ID", shipment[0]), node("Consignment", leaf("ID", shipment[1])), units)
            if shipment
            else None,
        )


def _surcharge(plan: Plan, amounts: _Amounts, currency: str) -> Element:
    return node(
        "AllowanceCharge",
        leaf("ChargeIndicator", "true"),
        leaf("AllowanceChargeReason", plan.surcharge),
        _money("Amount", amounts.surcharge, currency),
        _category("TaxCategory", amounts.rate),
    )


def _totals(amounts: _Amounts, currency: str) -> tuple[Element, Element]:
    total = amounts.taxable + amounts.tax
    tax = node(
        "TaxTotal",
        _money("TaxAmount", amounts.tax, currency),
        node(
            "TaxSubtotal",
            _money("TaxableAmount", amounts.taxable, currency),
            _money("TaxAmount", amounts.tax, currency),
            _category("TaxCategory", amounts.rate),
        ),
    )
    return tax, node(
        "LegalMonetaryTotal",
        _money("LineExtensionAmount", amounts.net, currency),
        _money("TaxExclusiveAmount", amounts.taxable, currency),
        _money("TaxInclusiveAmount", total, currency),
        _money("ChargeTotalAmount", amounts.surcharge, currency) if amounts.surcharge else None,
        _money("PayableAmount", total, currency),
    )


def _line(
    kind: str, index: int, line: Line, figures: tuple[int, int, int], rate: int, currency: str, generator: random.Random
) -> Element:
    quantity, price, amount = figures
    name = "InvoicedQuantity" if kind == "Invoice" else "CreditedQuantity"
    commodity = node("CommodityClassification", leaf("ItemClassificationCode", line.code, listID="TST"))
    return node(
        f"{kind}Line",
        leaf("ID", index),
        leaf(name, quantity, unitCode=generator.choice(("C62", "KGM", "EA"))),
        _money("LineExtensionAmount", amount, currency),
        leaf("AccountingCost", generator.randrange(4000, 7000)) if generator.random() < 0.08 else None,
        _reference("DocumentReference", line.document) if line.document else None,
        node(
            "Item",
            leaf("Description", line.text),
            leaf("Name", line.text.split(",")[0].split(":")[0]),
            commodity if line.code else None,
            _category("ClassifiedTaxCategory", rate),
        ),
        node("Price", _money("PriceAmount", price, currency)),
    )
