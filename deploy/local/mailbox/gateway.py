"""The SMS gateway's side: it believes nothing that is not signed, new and whole."""

from __future__ import annotations

import hmac
import json
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256

from deploy.local.mailbox.letters import Letters

OLDEST_SECONDS, NONCES = 300, 10_000
_PHONE = re.compile(r"\+861\d{10}")
Answer = tuple[int, dict[str, str]]


class SmsGateway:
    """`failing` makes it answer 503, as a provider that is down does; numbers in `blocked` are refused."""

    def __init__(self, letters: Letters, key_id: str, secret: str) -> None:
        self._letters, self._key_id, self._secret = letters, key_id, secret
        self._nonces: OrderedDict[str, None] = OrderedDict()
        self.failing = False
        self.blocked: set[str] = set()

    def take(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Status and content; header names are lower case."""
        if self.failing:
            return 503, {"reason": "down"}
        if trouble := self._unsigned(headers, body):
            return 401, {"reason": trouble}
        content = json.loads(body)
        phone = str(content.get("phone", ""))
        if _PHONE.fullmatch(phone) is None:
            return 422, {"reason": "number"}
        if phone in self.blocked:
            return 422, {"reason": "blocked"}
        letter = self._letters.add("sms", phone, "", str(content.get("text", "")))
        return 200, {"id": str(letter.n)}

    def _unsigned(self, headers: Mapping[str, str], body: bytes) -> str:
        """What is wrong with the signature; empty when nothing is."""
        timestamp, nonce = headers.get("tidu-timestamp", ""), headers.get("tidu-nonce", "")
        expected = hmac.new(self._secret.encode(), f"{timestamp}\n{nonce}\n".encode() + body, sha256).hexdigest()
        if headers.get("tidu-key") != self._key_id:
            return "key"
        if not hmac.compare_digest(expected.encode(), headers.get("tidu-signature", "").encode()):
            return "signature"
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > OLDEST_SECONDS:
            return "timestamp"
        if len(nonce) < 16 or nonce in self._nonces:
            return "nonce"
        self._nonces[nonce] = None
        if len(self._nonces) > NONCES:
            self._nonces.popitem(last=False)
        return ""
