"""Recordings: how long, how encoded, and their tags, lyrics included. What is said in them takes a transcriber."""

from __future__ import annotations

import io

from envs.gaia.tools.readers.source import Reading, Source, Unreadable

_MOST_TAG = 4000  # characters of one tag: lyrics are long


def read_audio(source: Source) -> Reading:
    """Raises Unreadable for what is no recording."""
    import mutagen

    try:
        recording = mutagen.File(io.BytesIO(source.data))
    except mutagen.MutagenError as error:
        raise Unreadable(f"it is damaged, or no recording ({type(error).__name__})") from error
    if recording is None:
        raise Unreadable("it is no recording in a known format")
    info = recording.info
    seconds = float(getattr(info, "length", 0.0) or 0.0)
    parts = [f"{seconds:.1f} seconds ({int(seconds // 60)}:{seconds % 60:04.1f})"]
    for name, unit in (("bitrate", "bit/s"), ("sample_rate", "Hz"), ("channels", "channel(s)")):
        if getattr(info, name, None):
            parts.append(f"{getattr(info, name)} {unit}")
    lines = [f"[{type(recording).__name__} recording: {', '.join(parts)}]"]
    tags = recording.tags or {}
    for name in sorted(tags.keys()):
        value = tags[name]
        if str(name).startswith(("APIC", "PRIV", "MCDI", "GEOB", "covr")):
            lines.append(f"{name}: (binary)")
            continue
        lines.append(f"{name}: {_said(value)[:_MOST_TAG]}")
    return Reading("\n".join(lines), {"audio_seconds": round(seconds, 3)})


def _said(value: object) -> str:
    text = getattr(value, "text", value)
    return ", ".join(map(str, text)) if isinstance(text, list) else str(text)
