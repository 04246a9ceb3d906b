"""Identity over HTTP: request → command → handle; read → query."""

from fastapi import APIRouter

from services.identity.routes import accounts, officials, platform, sessions, subjects

router = APIRouter()
for part in (accounts, sessions, officials, platform, subjects):
    router.include_router(part.router)
