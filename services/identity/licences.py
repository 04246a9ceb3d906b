"""营业执照扫描件: what an uploaded file is by its content, scanned, sealed, and kept for the request that will name it."""

from hashlib import sha256
from secrets import token_hex
from typing import Any

import msgspec
import puremagic

from libs.events.contracts.accounts import LicenceScan
from libs.events.errors import Refused
from libs.events.ids import make_id
from libs.events.web.desk import Desk
from services.identity import attempts
from services.identity.domain.checks.decide import check_rules
from services.identity.scanning import scanner_of

COLLECTION = "licences"
KEPT_MS = 24 * 3_600_000
MEGABYTE = 1024 * 1024
MEDIA = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}
_ALIASES = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg"}


class LicenceRefused(Refused):
    code = "identity.licence-refused"
    title = "扫描件不能使用"
    status = 422


class LicenceUnknown(Refused):
    code = "identity.licence-unknown"
    title = "没有这份扫描件，或已超过保留时间"
    status = 422


async def take(desk: Desk, content: bytes) -> dict[str, Any]:
    """Keep an upload under a name that only its sender knows. Raises LicenceRefused, TooManyAttempts, ScannerDown."""
    rules = check_rules(desk.policies())
    await attempts.count_address(desk, "licence", rules["uploads"])
    type_ = _type(content, rules["licence"])
    verdict = await scanner_of(desk.runtime.settings).scan(content)
    if verdict == "infected":
        known = rules["reasons"]["licence.infected"]
        raise LicenceRefused(known["text"], way_out=known["way_out"])
    name = token_hex(16)
    blob, subject = make_id("licence", name), make_id("subject", "licence", name)
    scan = LicenceScan(sha256(content).hexdigest(), len(content), MEDIA[type_], blob, subject, verdict)
    await desk.blobs.put(blob, await desk.encrypt_blob(subject, content))
    until = desk.runtime.wall() + KEPT_MS
    await desk.documents(COLLECTION).insert({"_id": name, "until": until, "scan": msgspec.to_builtins(scan)})
    return {"licence": name, "sha256": scan.sha256, "size": scan.size, "media_type": scan.media_type, "scan": verdict}


def _type(content: bytes, rules: dict[str, Any]) -> str:
    words = rules["words"]
    if not content:
        raise LicenceRefused("文件是空的", way_out=words)
    if len(content) > rules["max_mb"] * MEGABYTE:
        raise LicenceRefused(f"文件超过{rules['max_mb']}MB", way_out=words)
    found = next((type_ for type_ in _magic(content) if type_ in rules["types"]), None)
    if found is None:
        raise LicenceRefused("文件内容不是图片或 PDF", way_out=words)
    return found


def _magic(content: bytes) -> list[str]:
    try:
        matches = puremagic.magic_string(content[:4096])
    except (puremagic.PureError, ValueError):
        return []
    endings = [match.extension.removeprefix(".").lower() for match in matches]
    return [_ALIASES.get(ending, ending) for ending in endings]


async def named(desk: Desk, name: str) -> LicenceScan:
    """The scan that somebody has uploaded. Raises LicenceUnknown."""
    found = await desk.documents(COLLECTION).get(name or "none")
    if found is None or found["until"] <= desk.runtime.wall():
        raise LicenceUnknown(way_out="请重新上传营业执照扫描件")
    return msgspec.convert(found["scan"], LicenceScan)
