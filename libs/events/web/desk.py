"""A request's desk: who asks, when it was received, and what a route may do with commands, states and read models."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from copy import copy
from datetime import datetime
from typing import Annotated, Any, Literal, NoReturn, TypeVar

import msgspec
import rfc8785
from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from libs.events.batch import Decided
from libs.events.codec import decode
from libs.events.contracts.actors import Actor, covering
from libs.events.contracts.base import SERVICES, Event, Personal
from libs.events.decider import Command, Decider, Policies
from libs.events.envelope import Commit
from libs.events.errors import Refused, VersionMismatch
from libs.events.ids import command_id
from libs.events.names import partition_key_of
from libs.events.recorded import Because
from libs.events.runtime import Runtime
from libs.events.states import Folded
from libs.events.store.ports import Blobs, Documents
from libs.events.visibility import NotYetVisible
from libs.events.web import fields
from libs.events.web.authorization import NotPermitted, Target, authorize, scope
from libs.events.web.limits import RECEIVED
from libs.events.web.models import Body
from libs.events.web.pace import refuse_too_fast
from libs.events.web.principals import ANYONE, NotSignedIn, Principal, principal_of
from libs.events.web.problems import address_of, seat_of
from libs.events.web.strangers import AtOnce

S = TypeVar("S")
LONGEST_KEY = 64
STRANGERS_WAIT_SECONDS = 1.0
ERASED = "（已删除）"
_strangers = AtOnce(8)
_PLACE = re.compile(r"([a-z]+)/([0-9]{1,6})/([0-9]{1,18})")
Show = Callable[[list[Event]], dict[str, Any]]


class KeyMissing(Refused):
    code = "platform.idempotency-key-missing"
    title = "缺少 Idempotency-Key"
    status = 400


class HeaderInvalid(Refused):
    code = "platform.header-invalid"
    title = "请求头有误"
    status = 400


class BodyInvalid(Refused):
    """What JSON in canonical form cannot hold: integers beyond 2**53, NaN, lone surrogates."""

    code = "platform.invalid-request"
    title = "请求内容有误"
    status = 422


class ErasedValue(Refused):
    code = "platform.erased"
    title = "个人信息已删除"
    status = 410


class Desk:
    """Made per request by `desk_of`."""

    def __init__(self, runtime: Runtime, request: Request, principal: Principal) -> None:
        self.runtime, self.request, self.principal = runtime, request, principal
        self.now: datetime = request.scope.get(RECEIVED) or runtime.business.now()
        self._public = ""
        self._views: dict[str, Documents] = {}
        self._about = "", Target()

    @property
    def actor(self) -> Actor:
        """Who commands are recorded of: the principal, or somebody not signed in under their blind index."""
        named = self._public if self.principal.kind == "public" else ""
        return Actor("public", named) if named else self.principal.actor

    def as_public(self, blind: str) -> "Desk":
        """This desk for somebody not signed in who is known by a blind index; their keys are nobody else's."""
        desk = copy(self)
        desk._public = blind
        return desk

    @property
    def head(self) -> Because:
        """The first fields of a command; its id follows from `Idempotency-Key` when it is handled."""
        return Because(id="", received_at=self.now, actor=self.actor)

    def allow(self, action: str, target: Target = Target()) -> None:  # noqa: B008 - frozen
        self._about = action, target
        try:
            authorize(self.runtime.table, self.principal, action, target)
        except NotPermitted as refused:
            refused.who = self.principal
            raise

    async def allow_or_repeat(self, action: str, target: Target, stream: str) -> None:
        """As `allow`; but a command that this principal has carried out may be asked for again, wherever the matter is
        by now: it is answered as the first time, and its key is good for nothing else."""
        try:
            self.allow(action, target)
        except NotPermitted:
            if self.request.method in ("GET", "HEAD") or not await self._is_done(stream):
                raise

    async def _is_done(self, stream: str) -> bool:
        key = self.request.headers.get("idempotency-key", "")
        id_ = command_id(self.runtime.service.name, self.actor.ref, partition_key_of(stream), key)
        return bool(key) and bool(await self.runtime.store.find([id_]))

    def scope(self, action: str) -> dict[str, Any]:
        """The filter that keeps a list to what the principal may see."""
        self._about = action, Target()
        try:
            return scope(self.runtime.table, self.principal, action)
        except NotPermitted as refused:
            refused.who = self.principal
            raise

    async def state(self, decider: Decider[S], stream: str, as_of: str | None = None) -> tuple[S, int]:
        """A stream's state and version, always current (or as it was recorded by `as_of`)."""
        folded = await self.runtime.handler.fold(stream, decider, as_of)
        return folded.state, folded.version

    async def on_known_state(
        self, decider: Decider[S], stream: str, attempt: Callable[[S, int | None], Awaitable[Response]]
    ) -> Response:
        """What `attempt` makes of the state that this process last knew, expecting the version given to it; so the insert
        finds out whether it was the newest. Where it was not, or led to a refusal, `attempt` again after a look.

        For what the decision checks again; never to judge by it who may do something.
        """
        known: Folded | None = self.runtime.handler.states.get(stream)
        if known is not None and self._expected() is None:
            with suppress(Refused, VersionMismatch):
                return await attempt(known.state, known.version)
        state, _ = await self.state(decider, stream)
        return await attempt(state, None)

    def command_id(self, command: Command) -> str:
        """The id that this request's Idempotency-Key gives to a command. Raises KeyMissing."""
        key = self.request.headers.get("idempotency-key", "")
        if not key or len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
            raise KeyMissing("每个办理请求需要 1–64 个可打印 ASCII 字符的 Idempotency-Key")
        return command_id(self.runtime.service.name, self.actor.ref, partition_key_of(command.stream), key)

    async def handle(
        self, command: Command, body: Body | None = None, show: Show | None = None, expected: int | None = None
    ) -> Response:
        """Carry out a command; the answer is a receipt that follows from its commit alone."""
        decided = await self.decide(command, body, expected)
        return self.receipt(decided, show)

    async def decide(self, command: Command, body: Body | None = None, expected: int | None = None) -> Decided:
        """`expected`: only on this version of the stream; else on what If-Match says. Raises VersionMismatch, Refused."""
        named = msgspec.structs.replace(command, id=self.command_id(command))
        with self.runtime.figures.seconds.labels(self.runtime.service.name).time():
            return await self.runtime.handle(
                named,
                canonical=self._canonical(body),
                expected=self._expected() if expected is None else expected,
                caller_clock=self._caller_clock(),
                traceparent=self.request.headers.get("traceparent"),
            )

    def receipt(self, decided: Decided, show: Show | None = None) -> Response:
        if decided.commit is None:
            return self.respond(
                {"stream": decided.stream, "version": decided.version, "unchanged": True}, decided.version
            )
        commit = decided.commit
        content = receipt_content(commit) | (show(events_of(commit)) if show else {})
        place = f"{self.runtime.service.name}/{commit.shard}/{commit.last_position}"
        return JSONResponse(
            content, 201, {"ETag": f'"{commit.last_version}"', "Position": place, "Tidu-Clock": commit.clock}
        )

    def respond(self, content: Any, version: int | None = None, status: int = 200) -> Response:
        """A read's answer; `version` becomes the ETag."""
        headers = {"Cache-Control": "no-store"} | ({"ETag": f'"{version}"'} if version is not None else {})
        return JSONResponse(msgspec.to_builtins(content), status, headers)

    def _canonical(self, body: Body | None) -> str:
        route = self.request.scope["route"].path
        try:
            given = body.canonical(self.blind) if body is not None else {}
            return rfc8785.dumps([self.request.method, route, dict(self.request.path_params), given]).decode()
        except ValueError as error:
            raise BodyInvalid("数值或文字超出可记录的范围") from error

    def _expected(self) -> int | None:
        text = self.request.headers.get("if-match")
        if text is None or text == "*":
            return None
        try:
            return int(text.strip().removeprefix("W/").strip('"'))
        except ValueError:
            raise HeaderInvalid("If-Match 应为先前 ETag 的值") from None

    def _caller_clock(self) -> int:
        try:
            return int(self.request.headers.get("tidu-clock", "0"), 16)
        except ValueError:
            raise HeaderInvalid("Tidu-Clock 应为先前应答中的值") from None

    async def seal(self, subject: str, label: str, text: str) -> Personal[str]:
        return await self.runtime.sealer.seal(subject, label, text)

    async def reveal(self, value: Personal[str], why: str, own: bool = False) -> str:
        """Open a personal value for this principal; an official's reading of what is not their own is noted first.
        Raises ErasedValue."""
        if self.principal.kind == "official" and not own:
            await self._note("read", subject=value.subject, label=value.label, why=why)
        opened = await self.runtime.sealer.open(value)
        if opened is None:
            raise ErasedValue()
        return opened

    async def note_export(self, what: str, why: str) -> None:
        """An official takes a copy away; noted before it leaves."""
        if self.principal.kind == "official":
            await self._note("export", label=what, why=why)

    async def _note(self, kind: Literal["read", "export"], **facts: str) -> None:
        action, target = self._about
        where = {"enterprise": target.enterprise, "authority": target.authority, "region": target.region}
        over = list(covering(target.region)) if target.region else []
        more = {
            "action": action,
            "from": address_of(self.request),
            **where,
            "covering": over,
            **seat_of(self.principal),
        }
        await self.runtime.notes.note(kind, self.principal.actor.ref, **facts, **more)

    async def show(self, value: Personal[str], why: str, own: bool = False) -> str:
        """A personal value as the field policy shows it to this principal (`own`: about themself): plain, masked, or not
        at all, and then it is not even opened. An erased one says so, so that it does not hide a whole list."""
        how = fields.how(value.label, self.principal, own)
        if how == "hidden":
            return fields.HIDDEN
        try:
            text = await self.reveal(value, why, own)
        except ErasedValue:
            return ERASED
        return fields.masked(value.label, text) if how == "masked" else text

    def blind(self, what: str, text: str) -> str:
        return self.runtime.sealer.blind(what, text)

    def person(self, place: str, name: str) -> str:
        """The subject of a natural person in an enterprise; everything about the person is sealed for it."""
        return self.runtime.sealer.person(place, name)

    async def encrypt_blob(self, enterprise: str, content: bytes) -> bytes:
        return await self.runtime.sealer.encrypt_blob(enterprise, content)

    async def decrypt_blob(self, enterprise: str, content: bytes) -> bytes:
        opened = await self.runtime.sealer.decrypt_blob(enterprise, content)
        if opened is None:
            raise ErasedValue()
        return opened

    def policies(self) -> Policies:
        """The policies in force now."""
        return self.runtime.policies.at(self.now)

    def view(self, name: str) -> Documents:
        """A read model's documents, by the projection's name: one build of it for the whole request."""
        return self._views.setdefault(name, self.runtime.view(name, pinned=True))

    def documents(self, name: str) -> Documents:
        return self.runtime.documents(name)

    @property
    def blobs(self) -> Blobs:
        return self.runtime.state_store.blobs()

    def raise_not_found(self) -> NoReturn:
        raise HTTPException(404)


def receipt_content(commit: Commit) -> dict[str, Any]:
    """What proves the command: where its events stand in the log. A pure function of the commit."""
    return {
        "command": commit.id,
        "stream": commit.stream,
        "version": commit.last_version,
        "shard": commit.shard,
        "position": commit.last_position,
        "hash": commit.hash,
        "clock": commit.clock,
        "recorded_at": commit.recorded_at,
        "events": [{"id": event.id, "type": event.type} for event in commit.events],
    }


def events_of(commit: Commit) -> list[Event]:
    decoded: Sequence[Event | None] = [decode(event.type, event.body) for event in commit.events]
    return [event for event in decoded if event is not None]


async def desk_of(request: Request) -> Desk:
    """The dependency: verify the token if there is one, wait for what the caller wants to read after."""
    return await _desk(request, _wait)


async def desk_for_states(request: Request) -> Desk:
    """As `desk_of`, for a route that looks at states alone: it need not wait for read models."""
    return await _desk(request, _wait_for_states)


async def _desk(request: Request, wait: Callable[[Runtime, str], Awaitable[None]]) -> Desk:
    runtime: Runtime = request.app.state.runtime
    runtime.admit()
    principal = ANYONE
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotSignedIn("只接受 Bearer 令牌")
        principal = await principal_of(token, runtime.follower, runtime.settings.deployment)
        refuse_too_fast(runtime.settings, principal.id)
    after = request.headers.get("read-after")
    if after is not None:
        await (wait(runtime, after) if principal.kind != "public" else _wait_briefly(runtime, after))
    return Desk(runtime, request, principal)


async def _wait_briefly(runtime: Runtime, after: str) -> None:
    """Somebody not signed in waits for a second at most, and only a few at once do. Raises NotYetVisible."""
    if not _strangers.enter():
        raise NotYetVisible("too many are waiting", retry_after=1)
    try:
        async with asyncio.timeout(STRANGERS_WAIT_SECONDS):
            await _wait(runtime, after)
    except TimeoutError:
        raise NotYetVisible(f"{after} has not arrived yet", retry_after=1) from None
    finally:
        _strangers.leave()


async def _wait_for_states(runtime: Runtime, after: str) -> None:
    await _wait(runtime, after, states=True)


async def _wait(runtime: Runtime, after: str, states: bool = False) -> None:
    for part in after.split(","):
        found = _PLACE.fullmatch(part.strip())
        if found is None or found[1] not in SERVICES or int(found[2]) >= runtime.settings.shards:
            raise HeaderInvalid("Read-After 的形式为 <service>/<shard>/<position>")
        await runtime.read_after(found[1], int(found[2]), int(found[3]), states=states)


At = Annotated[Desk, Depends(desk_of)]
AtStates = Annotated[Desk, Depends(desk_for_states)]
