"""Assessment over HTTP: request → command → handle; read → query."""

from fastapi import APIRouter

from services.assessment.routes import digital, rules, scores, size

router = APIRouter()
for part in (rules, size, digital, scores):
    router.include_router(part.router)
