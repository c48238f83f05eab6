"""Small, exact changes of a statement's text: what two forms of it differ in, and comments kept."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from pglast.parser import ParseError, scan

from dsql_compat.editing.documents import comments_in
from dsql_compat.editing.model import JOINT
from dsql_compat.sql.masking import mask_dsql_words
from dsql_compat.sql.names import quote

Stretch = tuple[int, int, str]  # start, end, and a text: the word there, or what replaces it
_COMMENTS = ("SQL_COMMENT", "C_COMMENT")


def words_of(text: str) -> list[Stretch] | None:
    """Start, end and spelling of every word that is no comment; None if it cannot be scanned."""
    masked = mask_dsql_words(text)[0]
    try:
        found = scan(masked)
    except (ParseError, UnicodeEncodeError):
        return None
    words = [
        (token.start, token.end + 1, text[token.start : token.end + 1])
        for token in found
        if token.name not in _COMMENTS
    ]
    if masked == text:
        return words
    at = next(i for i, (a, b) in enumerate(zip(masked, text, strict=True)) if a != b)
    words.append((at, at + len("ASYNC"), text[at : at + len("ASYNC")]))
    return sorted(words)


def differences(old: str, new: str) -> list[Stretch] | None:
    """The stretches of `old` to be replaced so that it reads, word for word, as `new`.

    Blanks and comments of `old` stay.  None where one of them cannot be scanned.
    """
    before, after = words_of(old), words_of(new)
    if before is None or after is None or not before or not after:
        return None
    matcher = SequenceMatcher(
        None, [_folded(w[2]) for w in before], [_folded(w[2]) for w in after], autojunk=False
    )
    edits: list[Stretch] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            continue
        text = new[after[j1][0] : after[j2 - 1][1]] if j2 > j1 else ""
        if kind == "insert":
            edits.append(_inserted(old, before, i1, _with_blanks(new, after, j1, j2)))
        elif kind == "delete":
            edits.append(_deleted(old, before[i1][0], before[i2 - 1][1]))
        else:
            edits.append(_replaced(old, before[i1][0], before[i2 - 1][1], text))
    return edits


def _replaced(old: str, start: int, end: int, text: str) -> Stretch:
    """New words for old ones, without a blank in front of a comma or behind a bracket."""
    text += _comments(old, start, end)
    while text[:1] in (",", ")", ";") and start and old[start - 1] in " \t":
        start -= 1
    while text.endswith("(") and old[end : end + 1] in (" ", "\t"):
        end += 1
    return start, end, text


def _folded(word: str) -> str:
    """A word by its meaning: `"id"` and `ID` are one."""
    if word.startswith('"'):
        name = word[1:-1].replace('""', '"')
        return name if quote(name) == name else word
    return word if word.startswith("$") or "'" in word else word.lower()


def _with_blanks(new: str, words: list[Stretch], first: int, last: int) -> tuple[str, str, str]:
    """Some words of a text, with the blanks in front of them and behind."""
    front = new[words[first - 1][1] : words[first][0]] if first else ""
    back = new[words[last - 1][1] : words[last][0]] if last < len(words) else ""
    return front, new[words[first][0] : words[last - 1][1]], back


def _inserted(old: str, words: list[Stretch], at: int, parts: tuple[str, str, str]) -> Stretch:
    """New words go behind the word before them, so that a comment in between stays behind."""
    front, text, back = parts
    if at == 0:
        return words[0][0], words[0][0], text + (back or " ")
    end = words[at - 1][1]
    is_apart = not old[end : end + 1].strip()
    return end, end, front + text + ("" if is_apart else back)


def _deleted(old: str, start: int, end: int) -> Stretch:
    kept = _comments(old, start, end)
    if kept:
        return start, end, kept.lstrip(" ")
    stop = end
    while old[stop : stop + 1] in (" ", "\t"):
        stop += 1
    begin = start
    while begin > 0 and old[begin - 1] in " \t":
        begin -= 1
    starts_line = begin == 0 or old[begin - 1] == "\n"
    if starts_line and begin and old[stop : stop + 1] in ("\n", "\r", ""):
        return begin - 1 - (old[begin - 2 : begin - 1] == "\r"), stop, ""  # the whole line
    follows = old[stop : stop + 1]
    if follows in (",", ";", ")", "") and not starts_line:
        return begin, stop, ""
    if follows in (",", ";", ")", ""):
        return len(old[:begin].rstrip()), stop, ""
    if follows in ("\n", "\r"):
        return begin, stop, ""
    return start, stop, ""


def _comments(old: str, start: int, end: int) -> str:
    """The comments of a stretch, so that they can stay when it goes."""
    kept = ""
    for first, last in comments_in(old):
        if start <= first < end:
            text = old[first:last]
            kept += f" {text}" + ("\n" if text.startswith("--") else "")
    return kept


def likeness(one: str, other: str) -> float:
    """How much of their words two texts share, from 0 to 1."""
    first, second = words_of(one) or [], words_of(other) or []
    words = [_folded(w[2]) for w in first], [_folded(w[2]) for w in second]
    return SequenceMatcher(None, *words, autojunk=False).ratio()


def reworded(old: str, new: str) -> str:
    """A text that reads as `new`, with as much of the layout and comments of `old` as it has."""
    edits = differences(old, new)
    if edits is not None:
        made = applied(old, edits)
        if same_words(made, new):
            return made
    return new


def closed(text: str) -> str:
    """A statement with its semicolon, which must not become part of a comment."""
    ends = [text[start:end] for start, end in comments_in(text) if not text[end:].strip()]
    return f"{text}\n;" if ends and ends[-1].startswith("--") else f"{text};"


def applied(text: str, edits: list[Stretch]) -> str:
    """The text with stretches replaced; they must not overlap."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def same_words(one: str, other: str) -> bool:
    """Whether two texts read the same, blanks, comments and case of words aside."""
    first, second = words_of(one), words_of(other)
    if first is None or second is None:
        return False
    return [_folded(w[2]) for w in first] == [_folded(w[2]) for w in second]


_PUBLIC = re.compile(r"""(?<![\w."$])public\.(?=["\w])""")


def as_named(text: str, original: str) -> str:
    """Generated text without the schema public, if the statement itself does not write it."""
    if "public" in original.lower():
        return text
    return _PUBLIC.sub("", text)


def commented_out(text: str, why: str) -> str:
    """A statement as a comment, whole, with the reason in front."""
    lines = text.strip().splitlines()
    first = f"-- left out for Aurora DSQL ({why}): {lines[0]}"
    return JOINT.join([first, *(f"--   {line}" for line in lines[1:])])
