"""Shapes of what people type: pure texts in, words about what is wrong out (None: nothing)."""

import re
from decimal import Decimal

_AMOUNT = re.compile(r"-?(0|[1-9]\d{0,13})(\.\d{1,2})?")
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,13})")
_POSTCODE = re.compile(r"\d{6}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0\d{2,3}-?)?[2-9]\d{6,7}(-\d{1,6})?|[48]00-?\d{3}-?\d{4}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


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
    return None if _POSTCODE.fullmatch(text) else "邮编是六位数字"


def mobile_fault(text: str) -> str | None:
    return None if _MOBILE.fullmatch(text) else "手机号是 11 位数字，以 1 开头"


def phone_fault(text: str) -> str | None:
    """A land line or a mobile."""
    ok = _LANDLINE.fullmatch(text) or _MOBILE.fullmatch(text)
    return None if ok else "请填写固定电话（如 025-83133385）或 11 位手机号"


def email_fault(text: str) -> str | None:
    return None if len(text) <= 254 and _EMAIL.fullmatch(text) else "电子邮箱的格式不对，例如 name@example.com"


def amount(text: str) -> str:
    """The one way an amount is written in events: two decimals. The text must have passed `amount_fault`."""
    return f"{Decimal(text):.2f}"
