"""PostgreSQL's client encodings, as a dump declares them, and the text behind its bytes."""

from __future__ import annotations

import codecs
from collections.abc import Callable

Read = Callable[[int], bytes]

_CODECS = {
    "UTF8": "utf-8",
    "UNICODE": "utf-8",
    "SQLASCII": "utf-8",
    "EUCJP": "euc_jp",
    "EUCCN": "gb2312",
    "EUCKR": "euc_kr",
    "EUCJIS2004": "euc_jis_2004",
    "EUCTW": "big5",
    "SJIS": "cp932",
    "SHIFTJIS": "cp932",
    "SHIFTJIS2004": "shift_jis_2004",
    "BIG5": "big5",
    "GBK": "gbk",
    "UHC": "cp949",
    "GB18030": "gb18030",
    "JOHAB": "johab",
    "KOI8": "koi8-r",
    "KOI8R": "koi8-r",
    "KOI8U": "koi8-u",
    "WIN": "cp1251",
    "ALT": "cp866",
    "TCVN": "cp1258",
    **{f"WIN{page}": f"cp{page}" for page in (866, 874, *range(1250, 1259))},
    **{f"LATIN{number}": f"iso8859-{number}" for number in range(1, 5)},
    "LATIN5": "iso8859-9",
    "LATIN6": "iso8859-10",
    "LATIN7": "iso8859-13",
    "LATIN8": "iso8859-14",
    "LATIN9": "iso8859-15",
    "LATIN10": "iso8859-16",
    **{f"ISO8859{number}": f"iso8859-{number}" for number in range(1, 17)},
}
# In these, the second byte of a character may look like a quote or a backslash, so the bytes
# cannot be split before they are decoded.  PostgreSQL has them for clients only.
_SPLIT_AFTER_DECODING = {"cp932", "shift_jis_2004", "big5", "gbk", "cp949", "gb18030", "johab"}


def codec_for(client_encoding: str) -> str | None:
    """Python's codec for a PostgreSQL encoding name, None for one it does not have."""
    key = "".join(c for c in client_encoding.upper() if c.isalnum())
    return _CODECS.get(key)


def must_convert(codec: str) -> bool:
    """Whether the byte stream has to become UTF-8 before it can be split."""
    return codec in _SPLIT_AFTER_DECODING


def utf8_reader(codec: str, errors: str = "replace") -> Callable[[Read], Read]:
    """A converter for readers: what comes out is UTF-8."""

    def convert(read: Read) -> Read:
        decoder = codecs.getincrementaldecoder(codec)(errors=errors)

        def read_utf8(size: int) -> bytes:
            while True:
                block = read(size)
                text = decoder.decode(block, final=not block)
                if text or not block:
                    return text.encode()

        return read_utf8

    return convert


def codec_of_bom(head: bytes) -> str | None:
    """The codec that a byte order mark announces."""
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return codec
    return None
