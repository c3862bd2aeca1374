"""Files embedded in invoices: a small page as PDF, or a weight list as CSV. No reference is in them alone."""

from __future__ import annotations

import base64
import random

from envs.logisticsqa.generator_decoys import waybill_number
from envs.logisticsqa.generator_xml import Element, leaf, node


def attachment(number: str, generator: random.Random) -> Element:
    """The AdditionalDocumentReference that embeds a file, 0.3 to 14 kB, mostly of 1 kB."""
    rows = min(280, max(4, round(generator.lognormvariate(2.9, 1.1))))
    lines = [_row(generator) for _ in range(rows)]
    if generator.random() < 0.5:
        name, mime, data = f"{number}.csv", "text/csv", "\n".join(["waybill;packages;kg", *lines]).encode()
    else:
        name, mime, data = f"{number}.pdf", "application/pdf", pdf([f"Invoice {number}", *lines])
    text = base64.b64encode(data).decode()
    embedded = Element("cbc:EmbeddedDocumentBinaryObject", text, (("mimeCode", mime), ("filename", name)))
    return node("AdditionalDocumentReference", leaf("ID", name), node("Attachment", embedded))


def _row(generator: random.Random) -> str:
    return f"{waybill_number(generator)};{generator.randrange(1, 34)};{generator.randrange(20, 24000)}"


def pdf(lines: list[str]) -> bytes:
    """A valid one-page PDF that shows some lines of ASCII text without brackets or backslashes."""
    shown = "\n".join(f"({line}) Tj T*" for line in lines)
    page = f"BT /F1 8 Tf 10 TL 40 800 Td\n{shown}\nET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >> >> >>",
        f"<< /Length {len(page)} >>\nstream\n{page}\nendstream",
    ]
    text, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(text)}\n%%EOF\n"
    return f"{text}xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode("ascii")
