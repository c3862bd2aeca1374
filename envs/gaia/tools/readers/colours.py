"""Colours of spreadsheet cells as #RRGGBB: written out, from the workbook's theme, or from the old fixed palette."""

from __future__ import annotations

import colorsys
import re
from typing import Any

# The order in which cells number a theme's colours: the first two pairs stand swapped in the theme itself.
_THEME_ORDER = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
_OFFICE = (
    "FFFFFF",
    "000000",
    "E7E6E6",
    "44546A",
    "4472C4",
    "ED7D31",
    "A5A5A5",
    "FFC000",
    "5B9BD5",
    "70AD47",
    "0563C1",
    "954F72",
)
_HUES = (
    (15, "red"),
    (45, "orange"),
    (70, "yellow"),
    (165, "green"),
    (200, "cyan"),
    (260, "blue"),
    (290, "purple"),
    (345, "pink"),
    (361, "red"),
)


class Palette:
    """A workbook's colours. theme: its theme's XML, or None for the standard one."""

    def __init__(self, theme: bytes | str | None) -> None:
        self._theme = _theme_colours(theme) if theme else _OFFICE

    def fill(self, cell: Any) -> str:
        """A cell's background as #RRGGBB; "" where it has none."""
        fill = cell.fill if cell.has_style else None
        if fill is None or getattr(fill, "fill_type", None) is None:
            return ""
        if fill.fill_type in ("linear", "path"):  # a gradient: its first colour stands for it
            stops = getattr(fill, "stop", ())
            return self._resolve(stops[0].color) if stops else ""
        return self._resolve(fill.fgColor if fill.fill_type != "none" else None)

    def _resolve(self, colour: Any) -> str:
        from openpyxl.styles.colors import COLOR_INDEX

        if colour is None:
            return ""
        base = ""
        if colour.type == "rgb" and isinstance(colour.rgb, str):
            base = colour.rgb[-6:]
        elif colour.type == "theme" and isinstance(colour.theme, int) and 0 <= colour.theme < len(self._theme):
            base = self._theme[colour.theme]
        elif colour.type == "indexed" and isinstance(colour.indexed, int) and 0 <= colour.indexed < len(COLOR_INDEX):
            base = COLOR_INDEX[colour.indexed][-6:]
        if not re.fullmatch(r"[0-9A-Fa-f]{6}", base):
            return ""
        return "#" + _tinted(base, float(colour.tint or 0)).upper()


def colour_name(colour: str) -> str:
    """A common word for #RRGGBB."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    if light > 0.97:
        return "white"
    if light < 0.06:
        return "black"
    if saturation < 0.12:
        return "light grey" if light > 0.7 else "grey"
    name = next(name for limit, name in _HUES if hue * 360 < limit)
    if name == "orange" and light < 0.4:
        return "brown"
    return f"light {name}" if light > 0.75 else f"dark {name}" if light < 0.25 else name


def _tinted(base: str, tint: float) -> str:
    """Office's rule: a negative tint darkens by that share of the lightness, a positive one lightens by it."""
    if not tint:
        return base
    red, green, blue = (int(base[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    tint = max(-1.0, min(1.0, tint))
    light = light * (1 + tint) if tint < 0 else light + (1 - light) * tint
    return "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, light, saturation))


def _theme_colours(theme: bytes | str) -> tuple[str, ...]:
    """A theme's colours in the order that cells count them. Its XML is searched, not parsed."""
    text = theme.decode("utf-8", "replace") if isinstance(theme, bytes) else theme
    found = dict(
        re.findall(r"<a:(\w+)>\s*<a:(?:srgbClr val|sysClr [^>]*?lastClr)=\"([0-9A-Fa-f]{6})\"", text[: 1 << 20])
    )
    return tuple(found.get(name, standard) for name, standard in zip(_THEME_ORDER, _OFFICE, strict=True))
