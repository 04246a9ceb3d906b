"""Sessions that are over, attempts that no longer count and credentials of abandoned registrations are deleted."""

import asyncio
from typing import Any

from libs.events.errors import Unavailable
from libs.events.runtime import Runtime
from services.identity import attempts, captchas, codes, credentials, licences, sessions, telling
from services.identity.domain.accounts.commands import account_stream
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.officials.commands import official_stream
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.officials.state import OfficialState
from services.identity.domain.rules import account_rules
from services.identity.outside import flows, tickets

EVERY_SECONDS = 600.0
KEPT_MS = 3_600_000


async def tidy(runtime: Runtime) -> None:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await tidy_once(runtime)
        except Unavailable:
            continue


async def tidy_once(runtime: Runtime) -> None:
    now = runtime.wall()
    await runtime.documents(sessions.COLLECTION).delete({"ends": {"$lte": now}})
    await runtime.documents(attempts.COLLECTION).delete({"until": {"$lte": now}})
    for collection in (flows.COLLECTION, tickets.COLLECTION):
        await runtime.documents(collection).delete({"until": {"$lte": now}})
    for collection in (codes.COLLECTION, captchas.COLLECTION, licences.COLLECTION, telling.CLAIMS):
        await runtime.documents(collection).delete({"until": {"$lte": now - KEPT_MS}})
    rules = account_rules(runtime.policies.at(runtime.business.now()))
    documents = runtime.documents(credentials.COLLECTION)
    # Twice as long as names are held, so that nothing that may still be carried on is touched.
    for credential in await credentials.abandoned(documents, now - 2 * rules["reservation_minutes"] * 60_000):
        await credentials.settle(documents, credential, await _exists(runtime, credential))


async def _exists(runtime: Runtime, credential: dict[str, Any]) -> bool:
    """Whether the credential's holder is in the log; always current."""
    kind, _, id_ = credential["_id"].partition(":")
    if kind == "official":
        official: OfficialState = (await runtime.state(officials, official_stream(credential["authority"], id_))).state
        return official.exists
    account: AccountState = (await runtime.state(accounts, account_stream(id_))).state
    return account.registered
