"""证明材料 at the edge: what a file is by its content, and whether it may prove an imported result. No store."""

import unicodedata
from hashlib import sha256

from libs.events.contracts.assessment import ImportedEvidence
from libs.events.ids import make_id
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


def normalised(name: str) -> str:
    """Composed characters, no folders, no control characters, not endless; the ending stays."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join("_" if unicodedata.category(c).startswith(("C", "Zl", "Zp")) else c for c in base).strip()
    stem, dot, ending = clean.rpartition(".")
    if len(clean) > LONGEST_NAME and dot and len(ending) < LONGEST_NAME:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return clean[:LONGEST_NAME] or "未命名"
