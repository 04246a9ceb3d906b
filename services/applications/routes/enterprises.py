"""企业基本信息, and what is noted of an enterprise."""

from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from libs.events.contracts.actors import covering
from libs.events.contracts.applications import Profile
from libs.events.contracts.base import Personal
from libs.events.contracts.times import business_date
from libs.events.web.authorization import Target
from libs.events.web.desk import At, Desk
from libs.events.web.models import Id
from libs.events.web.times import AsOf
from services.applications import queries
from services.applications.domain import enterprises
from services.applications.domain.enterprises.commands import Basics, ChangeProfile, CompleteProfile
from services.applications.domain.enterprises.refusals import NoProfile, ProfileInvalid
from services.applications.domain.enterprises.state import EnterpriseState
from services.applications.domain.streams import enterprise_stream
from services.applications.routes.bodies import ChangeProfileBody, CompleteProfileBody, ProfileBody
from services.applications.routes.people import SHAPES, opened, person_faults, sealed_persons

router = APIRouter(tags=["企业信息"])


@router.get("/enterprises/{enterprise}")
async def read(desk: At, enterprise: Id, as_of: AsOf = None, personal: bool = True) -> Response:
    """企业信息：基本信息、称号、培育库、数字化水平；联系人等个人信息的查看会留痕."""
    stream = enterprise_stream(enterprise)
    state, version = await desk.state(enterprises.decider, stream)
    desk.allow("applications.read_enterprise", _target(enterprise, state))
    if as_of is not None:
        state, version = await desk.state(enterprises.decider, stream, queries.as_of_text(as_of))
    return desk.respond(await _shown(desk, state, personal), version)


@router.post("/enterprises/{enterprise}/profile", status_code=201)
async def complete(desk: At, enterprise: Id, body: CompleteProfileBody) -> Response:
    """完善企业基本信息."""
    desk.allow("applications.edit_profile", Target(enterprise=enterprise))
    basics = await _basics(desk, enterprise, body, {})
    account = desk.principal.id
    return await desk.handle(CompleteProfile(**desk.head, enterprise=enterprise, account=account, basics=basics), body)


@router.put("/enterprises/{enterprise}/profile", status_code=201)
async def change(desk: At, enterprise: Id, body: ChangeProfileBody) -> Response:
    """编辑企业基本信息；已认定企业只能直接修改联系人、电话和邮箱."""
    desk.allow("applications.edit_profile", Target(enterprise=enterprise))

    async def attempt(state: EnterpriseState, version: int | None) -> Response:
        if state.profile is None:
            raise NoProfile(way_out="请先完善企业基本信息")
        basics = await _basics(desk, enterprise, body, msgspec.structs.asdict(state.profile))
        command = ChangeProfile(**desk.head, enterprise=enterprise, account=desk.principal.id, basics=basics)
        return await desk.handle(command, body, expected=version)

    return await desk.on_known_state(enterprises.decider, enterprise_stream(enterprise), attempt)


async def _basics(desk: Desk, enterprise: str, body: ProfileBody, before: dict[str, Any]) -> Basics:
    """The body with its persons sealed. Raises ProfileInvalid for what could not be judged once sealed."""
    persons = {name: getattr(body, name) for name in SHAPES}
    faults = person_faults(persons)
    if faults:
        raise ProfileInvalid(faults)
    known = {name: before.get(name) for name in SHAPES}
    sealed: dict[str, Any] = await sealed_persons(desk, enterprise, persons, known)
    missing = [name for name in ("legal_representative", "contact", "contact_mobile", "email") if not sealed[name]]
    if missing:
        raise ProfileInvalid(dict.fromkeys(missing, "不能为空"))
    open_ = {name: getattr(body, name) for name in ProfileBody.model_fields}
    return Basics(**open_, **sealed)


def _target(enterprise: str, state: EnterpriseState) -> Target:
    profile = state.profile
    return Target(enterprise, profile.authority if profile else None, profile.region if profile else None)


async def _shown(desk: Desk, state: EnterpriseState, personal: bool) -> dict[str, Any]:
    today = business_date(desk.now)
    return {
        "enterprise": state.enterprise,
        "name": state.name,
        "credit_code": state.credit_code,
        "verified": bool(state.accounts),
        "profile": await _profile(desk, state.profile, personal) if state.profile else None,
        "profile_version": state.profile_version,
        "editable": "contacts" if state.titles_on(today) else "all",
        "titles": {tier: state.titles[tier] for tier in state.titles_on(today)},
        "ban": state.ban_on(today),
        "digital": state.digital,
        "pool": sorted(state.pool),
    }


async def _profile(desk: Desk, profile: Profile, personal: bool) -> dict[str, Any]:
    values = msgspec.structs.asdict(profile)
    people = {name: value for name, value in values.items() if isinstance(value, Personal)}
    plain = {name: value for name, value in values.items() if name not in people and value is not None}
    plain["covering"] = covering(profile.region)
    return plain | (await opened(desk, people, "查看企业基本信息") if personal else {})
