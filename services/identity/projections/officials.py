"""Officials and their appointments, by authority."""

from typing import Any

import msgspec

from libs.events.contracts.actors import covering
from libs.events.contracts.identity import AppointmentEnded, OfficialAppointed
from libs.events.contracts.officials import AppointmentResumed, AppointmentSuspended
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded

NAME = "officials"
VERSION = 2
SOURCES = ("identity",)
HANDLES = (OfficialAppointed, AppointmentEnded, AppointmentSuspended, AppointmentResumed)
INDEXES = (("authority", "covering"), ("regions",))


def key(event: Recorded[Any]) -> str:
    return str(event.data.official)


def apply(document: dict[str, Any] | None, event: Recorded[Any]) -> dict[str, Any] | None:
    match event.data:
        case OfficialAppointed() as data:
            return _appointed(document or {"appointments": {}}, data)
        case AppointmentEnded() as data if document is not None:
            ended = {**document["appointments"][data.appointment], "ended": data.reason}
            return _with(document, data.appointment, ended)
        case AppointmentSuspended() as data if document is not None:
            suspended = {**document["appointments"][data.appointment], "suspended": data.reason}
            return _with(document, data.appointment, suspended)
        case AppointmentResumed() as data if document is not None:
            resumed = {**document["appointments"][data.appointment], "suspended": None}
            return _with(document, data.appointment, resumed)
        case _:
            return document


def _appointed(document: dict[str, Any], data: OfficialAppointed) -> dict[str, Any]:
    person = {
        "official": data.official,
        "authority": data.office.authority,
        "name": msgspec.to_builtins(data.name),
        "phone": msgspec.to_builtins(data.phone),
    }
    appointment = {
        "office": msgspec.to_builtins(data.office),
        "document": data.document,
        "since": time_text(data.received_at),
        "valid_to": time_text(data.valid_to) if data.valid_to else None,
        "ended": None,
        "suspended": None,
        "represents": data.represents or None,
    }
    return _with({**document, **person}, data.appointment, appointment)


def _with(document: dict[str, Any], id_: str, appointment: dict[str, Any]) -> dict[str, Any]:
    appointments = {**document["appointments"], id_: appointment}
    regions = sorted({a["office"]["region"] for a in appointments.values() if a["ended"] is None})
    over = sorted({place for region in regions for place in covering(region)})
    return {**document, "appointments": appointments, "regions": regions, "covering": over}
