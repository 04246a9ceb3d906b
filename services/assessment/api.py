"""Assessment over HTTP: request → command → handle; read → query."""

from fastapi import APIRouter

from services.assessment.routes import digital, imports, interview, rules, scores, size, statistics

router = APIRouter()
for part in (rules, interview, size, digital, imports, scores, statistics):
    router.include_router(part.router)
