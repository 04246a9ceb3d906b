"""手机号码: mainland mobile numbers however they are typed, kept as +86…; and masks for what is shown."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType


def normalise(text: str) -> str | None:
    """`+8613800138000`, or None when it is no mainland mobile number."""
    try:
        number = phonenumbers.parse(text, "CN")
    except NumberParseException:
        return None
    mobile = phonenumbers.number_type(number) == PhoneNumberType.MOBILE
    if number.country_code != 86 or not mobile:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def masked(phone: str) -> str:
    """138****8000."""
    local = phone.removeprefix("+86")
    return f"{local[:3]}****{local[-4:]}"


def masked_email(email: str) -> str:
    """z***@example.com."""
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}"


def masked_name(name: str) -> str:
    """张**: the family name stays."""
    return name[:1] + "*" * (len(name) - 1)
