"""`tidu shred SUBJECT`: a person's key is destroyed and the log says so; a hold is placed, lifted, or refuses."""

import asyncio
import json
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

import msgspec
import typer

from deploy.cli.options import DATA, Data, trouble_in_words
from deploy.demo.client import Refusal, User
from deploy.local.stack import Stack, load_running


def shred(
    subject: Annotated[str, typer.Argument(help="The person's id (POST /api/identity/subjects/search finds it).")],
    reason: Annotated[str, typer.Option(help="Why; it stays in the log, so nothing personal in it.")] = "",
    basis: Annotated[str, typer.Option("--by", help="What it rests on, such as the number of the request.")] = "",
    hold: Annotated[str, typer.Option(help="Place a hold for this office instead, with a way to reach it.")] = "",
    until: Annotated[str, typer.Option(help="The hold's end, e.g. 2027-12-31T16:00:00Z; open if left out.")] = "",
    lift: Annotated[str, typer.Option(help="Lift the hold of this id instead.")] = "",
    show: Annotated[bool, typer.Option("--show", help="Only say how things stand.")] = False,
    data: Data = DATA,
) -> None:
    """Erase a person's values for ever, or keep them: a key that is gone cannot be made again. 删除个人信息"""
    if not show and not reason:
        raise typer.BadParameter("why? give --reason", param_hint="--reason")
    if hold and lift:
        raise typer.BadParameter("--hold or --lift, not both")
    with trouble_in_words():
        try:
            found = asyncio.run(_ask(load_running(data), subject, reason, basis, hold, _instant(until), lift, show))
        except Refusal as refusal:
            problems = refusal.problem.get("refusals") or [refusal.problem]
            for problem in problems:
                words = (problem.get("detail"), problem.get("until"), problem.get("way_out"))
                typer.secho("; ".join(str(word) for word in words if word), fg="red", err=True)
            raise typer.Exit(1) from None
    print(json.dumps(found, ensure_ascii=False, indent=2))


def _instant(text: str) -> str | None:
    try:
        return msgspec.convert(text, datetime).isoformat() if text else None
    except msgspec.ValidationError as error:
        raise typer.BadParameter("a time with its zone, like 2027-12-31T16:00:00Z", param_hint="--until") from error


async def _ask(
    stack: Stack, subject: str, reason: str, basis: str, hold: str, until: str | None, lift: str, show: bool
) -> Any:
    administrator = User(stack.gateway, stack.secrets.system_admin_login, stack.secrets.system_admin_password)
    place = f"/identity/subjects/{subject}"
    again = {"Idempotency-Key": uuid4().hex}
    try:
        await administrator.sign_in()
        if hold:
            body = {"holder": hold, "reason": reason, "until": until}
            await administrator.post(f"{place}/holds", body, headers=again)
        elif lift:
            await administrator.post(f"{place}/holds/{lift}/lifting", {"reason": reason}, headers=again)
        elif not show:
            await administrator.post(f"{place}/erasure", {"reason": reason, "basis": basis}, headers=again)
        return await administrator.get(place)
    finally:
        await administrator.close()
