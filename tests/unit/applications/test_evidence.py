"""佐证材料: judged by content, named in words."""

import io
import zipfile

import pytest

from services.applications.domain.forms import Slot
from services.applications.evidence import OLE, FileRefused, examined, normalised, type_by_content

TYPES = ("jpg", "jpeg", "png", "doc", "docx", "pdf", "xlsx", "xls", "zip")
SLOT = Slot("audit_reports", "审计报告", TYPES, 20)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 32


def packed(**files: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return target.getvalue()


def office(folder: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}/document.xml", "<x/>")
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "type_"),
    [
        ("a.pdf", b"%PDF-1.4\n%%EOF", "pdf"),
        ("a.png", PNG, "png"),
        ("a.jpeg", JPG, "jpg"),
        ("a.zip", packed(a="x"), "zip"),
        ("a.docx", office("word"), "docx"),
        ("a.xlsx", office("xl"), "xlsx"),
        ("a.doc", OLE + b"\x00" * 600, "doc"),
        ("a.xls", OLE + b"\x00" * 600, "xls"),
        ("renamed.pdf", PNG, "png"),
    ],
)
def test_a_file_is_what_is_in_it(name: str, content: bytes, type_: str) -> None:
    assert type_by_content(name, content) == type_
    evidence = examined(SLOT, name, content, "e")
    assert (evidence.slot, evidence.size, evidence.scanned) == ("audit_reports", len(content), False)


@pytest.mark.parametrize("content", [b"MZ\x90\x00" + b"\x00" * 64, b"GIF89a" + b"\x00" * 64, b"<html></html>", b"x"])
def test_other_contents_are_refused_in_words(content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        examined(SLOT, "照片.jpg", content, "e")
    assert "照片.jpg" in refused.value.detail
    assert refused.value.way_out


def test_a_type_that_the_slot_does_not_take_is_named() -> None:
    with pytest.raises(FileRefused, match="png"):
        examined(Slot("s", "s", ("pdf",), 20), "a.pdf", PNG, "e")


def test_an_encrypted_archive_names_the_file_inside() -> None:
    content = bytearray(packed(secret_dot_txt="x"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    with pytest.raises(FileRefused, match=r"secret\.txt"):
        examined(SLOT, "a.zip", bytes(content), "e")


def test_the_limit_is_exact() -> None:
    slot = Slot("s", "s", ("pdf",), 1)
    whole = b"%PDF-1.4" + b"0" * (1024 * 1024 - 8)
    assert examined(slot, "a.pdf", whole, "e").size == 1024 * 1024
    with pytest.raises(FileRefused, match="1 MB"):
        examined(slot, "a.pdf", whole + b"0", "e")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("审计 报告(2023)#&%.pdf", "审计 报告(2023)#&%.pdf"),
        ("C:\\a\\b.pdf", "b.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b.pdf", "a_b.pdf"),
        ("cafe\u0301.pdf", "caf\u00e9.pdf"),
        ("", "未命名"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_any_name_is_accepted_and_shown(given: str, shown: str) -> None:
    assert normalised(given) == shown


def test_the_same_content_of_the_same_enterprise_is_one_blob() -> None:
    first, second = examined(SLOT, "a.png", PNG, "e"), examined(SLOT, "b.png", PNG, "e")
    assert first.blob == second.blob
    assert examined(SLOT, "a.png", PNG, "f").blob != first.blob
