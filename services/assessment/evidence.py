"""证明材料 at the edge: what a file is by its content, whether it may prove an imported result; kept sealed, and given back."""

import unicodedata
from hashlib import sha256
from urllib.parse import quote

from fastapi import UploadFile
from starlette.responses import Response

from libs.events.contracts.assessment import ImportedEvidence
from libs.events.ids import make_id
from libs.events.web.desk import Desk
from services.assessment.domain.digital.refusals import EvidenceInvalid
from services.assessment.domain.policies import Files

MEGABYTE = 1024 * 1024
LONGEST_NAME = 120
MARKS = {
    "pdf": (b"%PDF-", "application/pdf"),
    "jpg": (b"\xff\xd8\xff", "image/jpeg"),
    "png": (b"\x89PNG\r\n\x1a\n", "image/png"),
}
"""How a file of each kind begins."""


def examined(rules: Files, enterprise: str, name: str, content: bytes) -> ImportedEvidence:
    """The file as evidence. Raises EvidenceInvalid saying what is wrong with it."""
    shown = normalised(name)
    if not content:
        raise EvidenceInvalid(f"“{shown}”是空的", way_out="请检查文件能否打开后重新上传")
    if len(content) > rules.max_mb * MEGABYTE:
        raise EvidenceInvalid(f"“{shown}”超过 {rules.max_mb} MB", way_out="请压缩后上传")
    type_ = next((kind for kind, (begin, _) in MARKS.items() if content.startswith(begin)), None)
    if type_ is None or type_ not in rules.types:
        raise EvidenceInvalid(f"“{shown}”的内容不是可用的类型", way_out=f"请上传：{'、'.join(rules.types)}")
    digest = sha256(content).hexdigest()
    return ImportedEvidence(shown, digest, len(content), MARKS[type_][1], make_id("blob", enterprise, digest))


async def kept(desk: Desk, rules: Files, enterprise: str, file: UploadFile) -> ImportedEvidence:
    """Examined and kept, encrypted for the enterprise; the same content again is the same blob. Raises EvidenceInvalid."""
    content = await file.read()
    evidence = examined(rules, enterprise, file.filename or "", content)
    await desk.blobs.put(evidence.blob, await desk.encrypt_blob(enterprise, content))
    return evidence


async def given_back(desk: Desk, enterprise: str, proof: ImportedEvidence | None) -> Response:
    """The file; an official who takes it away is noted first. 404 when there is none."""
    stored = await desk.blobs.get(proof.blob) if proof else None
    if proof is None or stored is None:
        desk.raise_not_found()
    await desk.note_export(f"evidence:{proof.sha256}", "查看证明材料")
    return as_download(proof, await desk.decrypt_blob(enterprise, stored))


def as_download(proof: ImportedEvidence, content: bytes) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(proof.name)}",
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{proof.sha256}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=proof.media_type, headers=headers)


def normalised(name: str) -> str:
    """Composed characters, no folders, no control characters, not endless; the ending stays."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join("_" if unicodedata.category(c).startswith(("C", "Zl", "Zp")) else c for c in base).strip()
    stem, dot, ending = clean.rpartition(".")
    if len(clean) > LONGEST_NAME and dot and len(ending) < LONGEST_NAME:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return clean[:LONGEST_NAME] or "未命名"
