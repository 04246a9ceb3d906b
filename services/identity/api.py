"""Identity over HTTP: request → command → handle; read → query."""

from fastapi import APIRouter

from services.identity.routes import (
    accounts,
    checks,
    codes,
    officials,
    outside,
    passwords,
    platform,
    recovery,
    sessions,
    subjects,
)

router = APIRouter()
for part in (accounts, codes, recovery, checks, sessions, outside, officials, passwords, platform, subjects):
    router.include_router(part.router)
