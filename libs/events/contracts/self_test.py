"""自测 as a link: its answers in a short text that anybody can pass on and every service can read; nothing is stored."""

import binascii
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

import msgspec

LONGEST_LINK = 6000
"""Characters: what a browser and a message hold of an address."""

LARGEST = 64 * 1024
"""Bytes that a link may unfold to."""

VERSION = "1"

Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, msgspec.Meta(max_length=2000)]
Answer = (
    bool
    | int
    | float
    | Text
    | Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=100)]
)


class SelfTestLink(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Whose rules, which kind of filing and tiers (none: all), and what was answered: field → value as in a form."""

    answers: Annotated[dict[Name, Answer], msgspec.Meta(max_length=500)] = {}
    authority: Annotated[str, msgspec.Meta(max_length=16)] = ""
    kind: Annotated[str, msgspec.Meta(max_length=32)] = "declaration"
    tiers: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=32)], ...], msgspec.Meta(max_length=20)] = ()
    digital_level: Annotated[int, msgspec.Meta(ge=0, le=4)] | None = None


class LinkBroken(ValueError):
    """The text is no link, or not one of this release; says so in Chinese."""


def link_of(test: SelfTestLink) -> str | None:
    """The same answers give the same text, of `A–Z a–z 0–9 - _ .` alone; None where they are too long for a link."""
    packed = zlib.compress(msgspec.json.encode(test, order="deterministic"), 9)
    text = f"{VERSION}.{urlsafe_b64encode(packed).decode().rstrip('=')}"
    return text if len(text) <= LONGEST_LINK else None


def read_link(text: str) -> SelfTestLink:
    """Raises LinkBroken for anything that `link_of` does not write: cut short, changed, endless, of another shape."""
    version, _, body = text.partition(".")
    if version != VERSION or len(text) > LONGEST_LINK or not body.isascii():
        raise LinkBroken("不是本版本的自测链接")
    try:
        packed = urlsafe_b64decode(body + "=" * (-len(body) % 4))
        unfolding = zlib.decompressobj()
        plain = unfolding.decompress(packed, LARGEST)
        if not unfolding.eof or unfolding.unused_data:
            raise LinkBroken("链接不完整，或超出长度")
        return msgspec.json.decode(plain, type=SelfTestLink)
    except (binascii.Error, zlib.error, msgspec.DecodeError) as trouble:
        raise LinkBroken("链接内容有误") from trouble
