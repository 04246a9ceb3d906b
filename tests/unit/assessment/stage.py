"""The whole of `assessment` over HTTP on the memory store, with review's calendars; whoever asks is named."""

from datetime import datetime

from libs.events.web.principals import Principal
from services.assessment.app import service
from services.assessment.settings import Settings
from tests import histories as h
from tests.unit.applications.shell import MemoryRuntime, Stage, official
from tests.unit.assessment import kit

OWNER = Principal("account", "owner1", "s", "legal", kit.ENTERPRISE)


class Assessing(MemoryRuntime):
    copied, shipping = ("calendar",), "review"

    def __init__(self, now: datetime) -> None:
        super().__init__(now, service, Settings())


async def open_stage(now: datetime = kit.NOW) -> Stage:
    runtime = Assessing(now)
    await runtime.begin()
    stage = Stage(runtime)
    stage.people |= {
        "owner": OWNER,
        "county": official("county", region=h.COUNTY),
        "city": official("city", region=h.CITY),
        "province": official("province"),
        "elsewhere": official("city", region="320100"),
    }
    return stage
