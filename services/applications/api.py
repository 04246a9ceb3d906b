"""The ways in: reference tables and forms, windows, profiles, drafts with evidence, filings."""

from fastapi import APIRouter

from services.applications.routes import drafts, enterprises, evidence, filings, reference, windows

router = APIRouter()
for part in (reference, windows, enterprises, drafts, evidence, filings):
    router.include_router(part.router)
