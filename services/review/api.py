"""Review over HTTP: cases and their queue, lists and notices, titles and the register."""

from fastapi import APIRouter

from services.review.routes import cases, lists, titles

router = APIRouter()
for part in (cases, lists, titles):
    router.include_router(part.router)
