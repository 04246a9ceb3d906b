"""Secrets of one stack: made once, kept in the data folder for its owner alone, used again ever after."""

from __future__ import annotations

import base64
import secrets
from dataclasses import asdict, dataclass, fields

from deploy.local.folder import Folder, read_json, write_json
from deploy.local.trouble import StackError

STORE_USERS = (
    "admin", "identity", "applications", "assessment", "review", "notifications", "auditor", "restorer",
)  # fmt: skip
_LATER = ("heads_key", "sms_secret")


@dataclass(frozen=True)
class Secrets:
    """What the services and the store's users need; `passwords` is by store user."""

    passwords: dict[str, str]
    master_key: str
    pepper: str
    fingerprint_secret: str
    system_admin_login: str
    system_admin_password: str
    heads_key: str = ""
    sms_secret: str = ""


def load_or_make(folder: Folder) -> Secrets:
    """The stack's secrets; a file with one missing is damage, never filled in silently."""
    found = read_json(folder.secrets)
    if found is None:
        made = _make()
        write_json(folder.secrets, asdict(made), mode=0o600)
        return made
    names = [field.name for field in fields(Secrets)]
    passwords = found.get("passwords")
    if missing := [name for name in names if name not in _LATER and not found.get(name)]:
        raise _incomplete(folder, missing)
    if missing := [user for user in STORE_USERS if user not in dict(passwords or {})]:
        raise _incomplete(folder, missing)
    if younger := [name for name in _LATER if not found.get(name)]:
        # Of a folder older than these. They open nothing: with a new one, old signed heads show another signer.
        found |= {name: secrets.token_hex(32) for name in younger}
        write_json(folder.secrets, found, mode=0o600)
    return Secrets(**{name: found[name] for name in names})


def _make() -> Secrets:
    return Secrets(
        passwords={user: secrets.token_urlsafe(24) for user in STORE_USERS},
        master_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        pepper=secrets.token_hex(32),
        fingerprint_secret=f"1:{secrets.token_hex(32)}",
        system_admin_login="admin",
        system_admin_password=secrets.token_urlsafe(18),
        heads_key=secrets.token_hex(32),
        sms_secret=secrets.token_hex(32),
    )


def _incomplete(folder: Folder, missing: list[str]) -> StackError:
    return StackError(
        f"{folder.secrets} is damaged: {', '.join(missing)} missing.",
        "restore the file from a copy: sealed values and the store open with these secrets only",
    )
