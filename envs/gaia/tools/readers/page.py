"""Web pages as markdown: text, tables, and links that can be visited, each as [text](address)."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from envs.gaia.tools.readers.plain import decode
from envs.gaia.tools.readers.source import Reading, Source, Unreadable

_UNSEEN = ("script", "style", "noscript", "template", "svg", "iframe", "object", "head", "link", "meta")
_MOST_HTML = 8 * 2**20


def read_html(source: Source) -> Reading:
    from bs4 import BeautifulSoup
    from markdownify import markdownify

    found = decode(source.data[:_MOST_HTML], source.media) or _declared(source.data[:_MOST_HTML])
    if found is None:
        raise Unreadable("it is served as a web page, but holds binary data")
    soup = BeautifulSoup(found[0], "lxml")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for unseen in soup(list(_UNSEEN)):
        unseen.decompose()
    for link in soup("a", href=True):
        try:
            link["href"] = urljoin(source.url, str(link["href"]))
        except ValueError:
            del link["href"]
    try:
        text = markdownify(str(soup), heading_style="ATX", bullets="-", bs4_options="lxml")
    except RecursionError:  # nested deeper than any page that is meant to be read
        text = soup.get_text("\n")
    text = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()
    head = f"# {title}\n\n" if title and not text.startswith(f"# {title}") else ""
    return Reading(head + (text or "(the page holds no text)"))


def _declared(data: bytes) -> tuple[str, str] | None:
    return None if b"\0" in data[:8192] else (data.decode("utf-8", "replace"), "utf-8")
