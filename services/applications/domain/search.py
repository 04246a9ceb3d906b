"""Searching a table by Chinese words, code, or pinyin initials (拼音首字母), best hits first."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

Letters = Mapping[str, frozenset[str]]
"""Initial → the characters that begin with it in any of their readings."""

_MARKS = re.compile(r"[\W_]+")
_SECTION = re.compile(r"[A-Z](?=\d)")
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
    order = {level: n for n, level in enumerate(levels)}
    known: dict[str, str] = {}
    return tuple(
        Entry(
            row,
            row["code"],
            plain(row["name"]),
            tuple(known.setdefault(name, plain(name)) for name in above(row)),
            order.get(row.get("level", ""), len(order)),
        )
        for row in rows
    )


def plain(text: str) -> str:
    """Half width, lower case, without marks and spaces."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()


def words_of(text: str) -> list[str]:
    """What was typed, as words: half width, a section letter before a code (`C3484`) left out."""
    half = unicodedata.normalize("NFKC", text).upper()
    words = [_SECTION.sub("", word, count=1) if word[1:].isdigit() else word for word in half.split()]
    return [word for word in map(plain, words) if word][:MOST_WORDS]


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
    ranks = (
        [rank_of(entry, word, letters) for word in words] if len(words) > 1 else [own_rank(entry, words[0], letters)]
    )
    if NONE in ranks or min(ranks) == ABOVE:
        return None
    return max(ranks), sum(ranks)


def rank_of(entry: Entry, word: str, letters: Letters) -> int:
    """How well a row answers one word of several: by itself, or by a name above it."""
    own = own_rank(entry, word, letters)
    if own != NONE:
        return own
    over = any(word in name or (word.isascii() and initials_at(name, word, letters) == 0) for name in entry.above)
    return ABOVE if over else NONE


def own_rank(entry: Entry, word: str, letters: Letters) -> int:
    """How well a row answers a word by its own code and name."""
    if word.isascii() and word.isalnum():
        code = entry.code.lower()
        if code == word:
            return EXACT_CODE
        if code.startswith(word) and word[0].isdigit():
            return CODE
    if word in entry.plain:
        if word == entry.plain:
            return EXACT
        return BEGINS if entry.plain.startswith(word) else HOLDS
    if not (word.isascii() and word.isalpha()):
        return NONE
    at = initials_at(entry.plain, word, letters)
    return NONE if at < 0 else INITIALS_BEGIN if at == 0 else INITIALS


def initials_at(name: str, word: str, letters: Letters) -> int:
    """Where the initials of a name read as the word; −1: nowhere."""
    nobody: frozenset[str] = frozenset()
    if len(name) < len(word):
        return -1
    wanted = [letters.get(letter, nobody) for letter in word]
    for start in range(len(name) - len(word) + 1):
        if name[start] in wanted[0] and all(name[start + n] in characters for n, characters in enumerate(wanted)):
            return start
    return -1


def letters_from(content: Mapping[str, Any]) -> Letters:
    """From the policy's text; a Latin letter in a name stands for itself."""
    return {letter: frozenset((letter, *characters)) for letter, characters in content["letters"].items()}
