"""Shapes of what people type: pure texts in, words about what is wrong out (None: nothing).

Postcodes, telephone numbers and addresses are read as meant, in full width, with spaces, with any dash; the `read_…`
functions say what is then kept. Amounts are taken as they must be written.
"""

import re
import unicodedata
from decimal import Decimal

_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,13})(\.[0-9]{1,2})?")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,13})")
_POSTCODE = re.compile(r"[0-9]{6}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(0[0-9]{2,3}-?)?[2-9][0-9]{6,7}(-[0-9]{1,6})?|[48]00-?[0-9]{3}-?[0-9]{4}")
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc]")
_COUNTRY = re.compile(r"(?:\+|00)?86-?(?=1[3-9][0-9]-?[0-9]{4}-?[0-9]{4}$)")
_EMAIL = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def read_code(text: str) -> str:
    """A postcode or telephone number as meant: half width, no spaces, every dash a hyphen."""
    return _DASHES.sub("-", "".join(unicodedata.normalize("NFKC", text).split()))


def read_mobile(text: str) -> str:
    """The eleven digits of a mobile: as `read_code`, without hyphens and without the country's code."""
    code = read_code(text)
    bare = _COUNTRY.sub("", code, count=1).replace("-", "")
    return bare if _MOBILE.fullmatch(bare) else code


def read_phone(text: str) -> str:
    """A land line as `read_code`; a mobile as its eleven digits."""
    mobile = read_mobile(text)
    return mobile if _MOBILE.fullmatch(mobile) else read_code(text)


def read_email(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def text_fault(text: str, longest: int = 200) -> str | None:
    """A line or paragraph a person wrote: not blank, not endless, no control characters."""
    if not text.strip():
        return "不能为空"
    if len(text) > longest:
        return f"最多 {longest} 个字"
    return "含有无法显示的字符，请重新输入" if _CONTROL.search(text) else None


def amount_fault(text: str) -> str | None:
    """An amount in 万元: no thousands separators, two decimals (《江苏省优质中小企业梯度培育平台用户手册》)."""
    if "," in text or "，" in text:
        return "金额不要写千分位逗号"
    return None if _AMOUNT.fullmatch(text) else "请填写数字，最多两位小数，例如 1000.00"


def integer_fault(text: str) -> str | None:
    return None if _INTEGER.fullmatch(text) else "请填写整数，不带逗号和小数"


def postcode_fault(text: str) -> str | None:
    return None if _POSTCODE.fullmatch(read_code(text)) else "邮编是六位数字"


def mobile_fault(text: str) -> str | None:
    return None if _MOBILE.fullmatch(read_mobile(text)) else "手机号是 11 位数字，以 1 开头"


def phone_fault(text: str) -> str | None:
    """A land line or a mobile."""
    phone = read_phone(text)
    ok = _LANDLINE.fullmatch(phone) or _MOBILE.fullmatch(phone)
    return None if ok else "请填写固定电话（如 025-83133385）或 11 位手机号"


def email_fault(text: str) -> str | None:
    email = read_email(text)
    return None if len(email) <= 254 and _EMAIL.fullmatch(email) else "电子邮箱的格式不对，例如 name@example.com"


def amount(text: str) -> str:
    """The one way an amount is written in events: two decimals. The text must have passed `amount_fault`."""
    return f"{Decimal(text):.2f}"
