"""Settings, phones, passwords."""

import asyncio

import pytest
from pydantic import SecretStr, ValidationError

from services.identity import phones
from services.identity.passwords import Passwords
from services.identity.settings import Settings

SECRETS = {
    "master_key": SecretStr("b" * 44),
    "pepper": SecretStr("p" * 32),
    "fingerprint_secret": SecretStr("0:" + "f" * 32),
}
CHANNELS = {
    "sms": "http", "sms_url": "https://sms.example/send", "sms_key_id": "k", "sms_secret": SecretStr("s" * 32),
    "mail_host": "mail.example", "mail_from": "tidu@example.com",
}  # fmt: skip
GOOD = {"system_admin_login": "root@tidu", "system_admin_password": SecretStr("long-enough-for-all")}


def test_production_starts_with_an_administrator_of_its_own() -> None:
    assert Settings(profile="production", **SECRETS, **GOOD, **CHANNELS).system_admin_login == "root@tidu"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"system_admin_login": "root@tidu"},
        {"system_admin_password": SecretStr("long-enough-for-all")},
        {**GOOD, "system_admin_password": SecretStr("short")},
        {**GOOD, "system_admin_password": SecretStr("local-only-Admin1")},
    ],
)
def test_production_refuses_a_missing_or_weak_administrator(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="TIDU_SYSTEM_ADMIN"):
        Settings(profile="production", **SECRETS, **CHANNELS, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"sms": ""}, "TIDU_SMS missing"),
        ({"mail_host": ""}, "TIDU_MAIL_HOST"),
        ({"mail_from": ""}, "TIDU_MAIL_FROM"),
        ({"sms_secret": SecretStr("")}, "TIDU_SMS_SECRET"),
        ({"sms": "tencent"}, "TIDU_SMS_APP, TIDU_SMS_SIGN, TIDU_SMS_TEMPLATES"),
    ],
)
def test_production_refuses_a_channel_that_is_missing_or_half_configured(
    changes: dict[str, object], named: str
) -> None:
    with pytest.raises(ValidationError, match=named):
        Settings(profile="production", **SECRETS, **GOOD, **(CHANNELS | changes))  # type: ignore[arg-type]


def test_production_may_go_without_sms_on_purpose() -> None:
    assert Settings(profile="production", **SECRETS, **GOOD, **(CHANNELS | {"sms": "none"})).sms == "none"  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["13800138000", "+86 138 0013 8000", "0086-13800138000", "138-0013-8000"])
def test_a_mobile_number_is_read_as_people_write_it(typed: str) -> None:
    assert phones.normalise(typed) == "+8613800138000"


@pytest.mark.parametrize("typed", ["", "12345", "010-66013800", "+1 650 253 0000", "abc", "1380013800", "138001380000"])
def test_other_numbers_are_not_taken(typed: str) -> None:
    assert phones.normalise(typed) is None


def test_what_is_shown_is_masked() -> None:
    assert phones.masked("+8613800138000") == "138****8000"
    assert phones.masked_email("zhang@example.com") == "z***@example.com"
    assert phones.masked_name("欧阳娜") == "欧**"


def test_a_password_fits_its_hash_and_nobody_has_any() -> None:
    async def story() -> None:
        passwords = Passwords(64, 1, 1)
        hash_ = await passwords.hash("Right-pass-1")
        assert hash_.startswith("$argon2id$")
        assert await passwords.fits("Right-pass-1", hash_)
        assert not await passwords.fits("Wrong-pass-1", hash_)
        assert not await passwords.fits("Right-pass-1", None)
        assert not await passwords.fits("nobody has this password", None)
        assert not await passwords.fits("Right-pass-1", "not a hash")

    asyncio.run(story())
