"""佐证材料 at the edge: what a file is by its content, whether it may be used, and how its name is kept. No store."""

import io
import unicodedata
import zipfile
from collections.abc import Sequence
from hashlib import sha256

import puremagic

from libs.events.contracts.applications import Evidence
from libs.events.errors import Refused
from libs.events.ids import make_id
from services.applications.domain.forms import Slot

MEGABYTE = 1024 * 1024
LONGEST_NAME = 120
MEDIA = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
ALIASES = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class FileRefused(Refused):
    """In words, what is wrong with this very file."""

    code = "applications.file-refused"
    title = "文件不能使用"
    status = 422

    def __init__(self, name: str, detail: str, way_out: str) -> None:
        super().__init__(f"“{name}”：{detail}", way_out=way_out, file=name)


def examined(slot: Slot, name: str, content: bytes, enterprise: str) -> Evidence:
    """The file as evidence of a slot. Raises FileRefused saying what is wrong with it."""
    shown = normalised(name)
    if not content:
        raise FileRefused(shown, "文件是空的", "请检查文件能否打开后重新上传")
    if len(content) > slot.max_mb * MEGABYTE:
        raise FileRefused(shown, f"文件超过 {slot.max_mb} MB", "请压缩或拆分后上传；多个文件可打包为 zip")
    type_ = type_by_content(shown, content)
    allowed = {ALIASES.get(one, one) for one in slot.types}
    if type_ is None or type_ not in allowed:
        raise FileRefused(shown, _unusable(type_, content), f"请上传以下类型的文件：{'、'.join(slot.types)}")
    if type_ in ("zip", "docx", "xlsx"):
        _look_into(shown, content)
    digest = sha256(content).hexdigest()
    blob = make_id("blob", enterprise, digest)
    return Evidence(slot.name, shown, digest, len(content), MEDIA[type_], blob)


def normalised(name: str) -> str:
    """Any name is accepted: composed characters, no folders, no control characters, not endless."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join("_" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in base).strip()
    stem, dot, ending = clean.rpartition(".")
    if len(clean) > LONGEST_NAME and dot and len(ending) < 10:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return clean[:LONGEST_NAME] or "未命名"


def type_by_content(name: str, content: bytes) -> str | None:
    """One of the types in `MEDIA`, by what is in the file; its name only tells old Word from old Excel."""
    if content.startswith(OLE):
        return "xls" if name.lower().endswith(".xls") or _has(content, "Workbook") else "doc"
    if content.startswith(b"PK"):
        return _zip_type(content)
    found = _magic(content)
    return next((type_ for type_ in found if type_ in MEDIA), None)


def _magic(content: bytes) -> Sequence[str]:
    try:
        matches = puremagic.magic_string(content[:4096])
    except (puremagic.PureError, ValueError):
        return ()
    endings = [match.extension.removeprefix(".").lower() for match in matches]
    return [ALIASES.get(ending, ending) for ending in endings]


def _has(content: bytes, stream: str) -> bool:
    return stream.encode("utf-16-le") in content


def _zip_type(content: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "zip"
    if "[Content_Types].xml" in names:
        if any(name.startswith("word/") for name in names):
            return "docx"
        if any(name.startswith("xl/") for name in names):
            return "xlsx"
    return "zip"


def _look_into(name: str, content: bytes) -> None:
    """Damaged or encrypted archives are named as such; the names inside may be anything."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        encrypted = [entry.filename for entry in archive.infolist() if entry.flag_bits & 1]
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileRefused(name, "压缩包或文档已损坏，无法打开", "请重新生成文件后上传") from error
    if encrypted:
        raise FileRefused(name, f"压缩包内有加密文件：{encrypted[0]}", "请去掉密码后重新打包上传")


def _unusable(type_: str | None, content: bytes) -> str:
    if type_ is not None:
        return f"文件内容是 {type_}，此处不能使用"
    found = next(iter(_magic(content)), None)
    return f"文件内容是 {found}，此处不能使用" if found else "无法识别文件内容，可能已损坏或不是所示的类型"
