"""Text that came from a source, made fit to be shown: nothing unseen, no link that is none."""

from __future__ import annotations

import re

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""The text with unseen characters written out: C0 as ␀ and the like, bidi marks as \u202E.

    Line ends and tabs stay.  The joiners U+200C and U+200D stay too: scripts and emoji need them.
    """
    return UNSEEN.sub(_written_out, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Like `visible`, with line ends and tabs written out as well."""
    return visible(text).replace("\n", "␊").replace("\t", "␉")


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def in_json(text: str) -> str:
    """JSON with unseen characters of its strings as escapes: it says the same, and shows it."""
    from json import dumps

    return UNSEEN.sub(lambda match: dumps(match[0])[1:-1], text)


def is_web_address(text: str) -> bool:
    """Whether the text may become a link."""
    return re.fullmatch(r"https?://[^\s\x00-\x20\x7f]+", text, re.I) is not None
