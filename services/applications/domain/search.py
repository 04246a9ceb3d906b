"""Searching a table by Chinese words, code, or pinyin initials (拼音首字母), best hits first."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

Letters = Mapping[str, frozenset[str]]
"""Initial → the characters that begin with it in any of their readings."""

_MARKS = re.compile(r"[\W_]+")
_WITH_SECTION = re.compile(r"[A-T]([0-9]{2,4})")
MOST_WORDS = 6

EXACT_CODE, CODE, EXACT, BEGINS, HOLDS, INITIALS_BEGIN, INITIALS, ABOVE, NONE = range(9)
"""How well a row answers a word, best first; `ABOVE`: only the names above it do."""


class Entry(msgspec.Struct, frozen=True):
    """A row made ready for searching: `plain` is its name without marks, `above` the names over it likewise; `order`
    puts what is picked first."""

    row: Mapping[str, Any]
    code: str
    plain: str
    above: tuple[str, ...]
    order: int


Above = Callable[[Mapping[str, Any]], Iterable[str]]


def entries(rows: Iterable[Mapping[str, Any]], above: Above, levels: Sequence[str] = ()) -> tuple[Entry, ...]:
    """`above` names what stands over a row; `levels` from the one that is picked most, e.g. 小类 before 门类."""
    order: dict[str | None, int] = {level: n for n, level in enumerate(levels)}
    known: dict[str, str] = {}
    return tuple(
        Entry(
            row,
            row["code"],
            plain(row["name"]),
            tuple(known.setdefault(name, plain(name)) for name in above(row)),
            order.get(row.get("level"), len(order)),
        )
        for row in rows
    )


def plain(text: str) -> str:
    """Half width, lower case, without marks and spaces."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()


def words_of(text: str) -> list[str]:
    """What was typed, as words: half width, a section letter before a code (`C3484`) left out."""
    words = unicodedata.normalize("NFKC", text).upper().split()
    meant = (plain(code[1] if (code := _WITH_SECTION.fullmatch(word)) else word) for word in words)
    return [word for word in meant if word][:MOST_WORDS]


def search(table: Sequence[Entry], text: str, letters: Letters, limit: int) -> list[Mapping[str, Any]]:
    """At most `limit` rows that answer every word; nothing for a text without words."""
    words = words_of(text)
    if not words:
        return []
    found = [(ranks, entry) for entry in table if (ranks := _ranks(entry, words, letters)) is not None]
    found.sort(key=lambda one: (*one[0], one[1].order, len(one[1].plain), one[1].code))
    return [entry.row for _, entry in found[:limit]]


def _ranks(entry: Entry, words: Sequence[str], letters: Letters) -> tuple[int, int] | None:
    """The worst rank of the words and their sum; None where a word is not answered, or none by the row itself."""
    ranks = [own_rank(entry, word, letters) for word in words]
    if min(ranks) == NONE:
        return None
    if NONE in ranks:
        pairs = zip(words, ranks, strict=True)
        ranks = [rank if rank != NONE else rank_above(entry, word, letters) for word, rank in pairs]
    return None if NONE in ranks else (max(ranks), sum(ranks))


def own_rank(entry: Entry, word: str, letters: Letters) -> int:
    """How well a row answers a word by its own code and name."""
    code = entry.code.lower()
    if code.startswith(word):
        return EXACT_CODE if code == word else CODE
    if entry.plain.startswith(word):
        return EXACT if entry.plain == word else BEGINS
    if word in entry.plain:
        return HOLDS
    at = initials_at(entry.plain, word, letters)
    return NONE if at < 0 else INITIALS if at else INITIALS_BEGIN


def rank_above(entry: Entry, word: str, letters: Letters) -> int:
    """Whether a name above the row answers a word."""
    over = any(word in name or initials_at(name, word, letters) == 0 for name in entry.above)
    return ABOVE if over else NONE


def initials_at(name: str, word: str, letters: Letters) -> int:
    """Where the initials of a name read as the word; −1: nowhere."""
    if not word.isascii():
        return -1
    nobody: frozenset[str] = frozenset()
    wanted = [letters.get(letter, nobody) for letter in word]
    for start in range(len(name) - len(word) + 1):
        # The first alone is looked at before the rest: most places fail there, and this is the search's inner loop.
        if name[start] in wanted[0] and all(name[start + n] in characters for n, characters in enumerate(wanted)):
            return start
    return -1


def letters_from(content: Mapping[str, Any]) -> Letters:
    """From the policy's text; a Latin letter in a name stands for itself."""
    return {letter: frozenset((letter, *characters)) for letter, characters in content["letters"].items()}
