"""SMS through any gateway that takes our signed JSON: a provider's bridge, an authority's own, the local one."""

import json
import time
from secrets import token_hex

import httpx

from services.identity.channels.ports import ChannelDown, ChannelRefused, Message
from services.identity.channels.signing import CONTENT_TYPE, plain_signature

REASONS = {"number", "blocked", "limit", "content"}
# Our key, our signature, our rate: nothing that another number would change.
_OURS = (401, 403, 408, 429)


class HttpSms:
    """2xx with `{"id": …}` is taken; 4xx with `{"reason": …}` is refused for good; 401, 403, 408, 429, 5xx and
    silence are `down`."""

    def __init__(self, url: str, key_id: str, secret: str, timeout_seconds: float) -> None:
        self._url, self._key_id, self._secret = url, key_id, secret
        self._http = httpx.AsyncClient(timeout=timeout_seconds, verify=url.startswith("https:"))

    async def send(self, message: Message) -> str:
        content = {
            "id": message.id, "phone": message.to, "template": message.template,
            "values": dict(message.values), "text": message.text,
        }  # fmt: skip
        body = json.dumps(content, ensure_ascii=False).encode()
        try:
            answer = await self._http.post(self._url, content=body, headers=self._headers(body))
        except httpx.TransportError as error:
            raise ChannelDown(type(error).__name__) from error
        if answer.status_code in _OURS or answer.status_code >= 500:
            raise ChannelDown(f"status {answer.status_code}")
        told = _told(answer)
        if answer.is_success:
            return str(told.get("id", ""))
        reason = str(told.get("reason", ""))
        raise ChannelRefused(reason if reason in REASONS else "refused", f"status {answer.status_code}")

    def _headers(self, body: bytes) -> dict[str, str]:
        timestamp, nonce = str(int(time.time())), token_hex(16)
        return {
            "Content-Type": CONTENT_TYPE,
            "Tidu-Key": self._key_id,
            "Tidu-Timestamp": timestamp,
            "Tidu-Nonce": nonce,
            "Tidu-Signature": plain_signature(self._secret, timestamp, nonce, body),
        }


def _told(answer: httpx.Response) -> dict[str, object]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
