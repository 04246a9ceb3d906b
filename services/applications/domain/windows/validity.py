"""What makes a window's setting valid: period, regions, form, prerequisites, and somebody to ask."""

from libs.events.contracts.actors import REGION
from libs.events.decider import Policies
from services.applications.domain import reference
from services.applications.domain.forms import form_fits, form_of
from services.applications.domain.packs import Choice, Opening, pack_fault
from services.applications.domain.prerequisites import known_code
from services.applications.domain.windows.commands import OpenWindow


def opening_faults(command: OpenWindow, policies: Policies) -> dict[str, str]:
    """Field → what is wrong with it."""
    faults = {**_period_faults(command), **_region_faults(command, policies)}
    if not command.title.strip() or not command.batch.strip():
        faults["title"] = "请填写名称和批次"
    if not (command.contact.get("name") and command.contact.get("phone")):
        faults["contact"] = "请填写咨询单位和电话，企业有疑问时要知道问谁"
    return faults


def binding_faults(
    form: str, opening: Opening, choice: Choice, prerequisites: tuple[str, ...], policies: Policies
) -> dict[str, str]:
    """Of form, pack and prerequisites, under the policies of the day on which the window opens."""
    faults = {}
    wrong = pack_fault(choice, opening)
    if wrong is not None:
        faults["pack"] = wrong
    found = form_of(policies, form)
    if found is None:
        faults["form"] = f"没有现行的表单 {form}"
    elif not form_fits(found, opening.kind, opening.tier):
        faults["form"] = f"表单 {form} 不用于这类申报"
    unknown = [code for code in prerequisites if not known_code(code, policies)]
    if unknown:
        faults["prerequisites"] = f"没有这样的前置条件：{'、'.join(unknown)}"
    return faults


def _period_faults(command: OpenWindow) -> dict[str, str]:
    if command.closes <= command.opens:
        return {"closes": "截止时间必须晚于开始时间"}
    return {"closes": "截止时间已经过去"} if command.closes < command.received_at else {}


def _region_faults(command: OpenWindow, policies: Policies) -> dict[str, str]:
    if reference.authority(policies, command.authority) is None:
        return {"authority": "没有这个认定机关"}
    outside = [code for code in command.regions if not _is_under(code, command.authority, policies)]
    if outside or not command.regions:
        return {"regions": f"不属于本认定机关的区划：{'、'.join(outside)}" if outside else "请选择覆盖的区划"}
    return {}


def _is_under(code: str, authority: str, policies: Policies) -> bool:
    return REGION.fullmatch(code) is not None and reference.lies_under(policies, code, authority)
