"""A security key in software: makes ES256 credentials and signs challenges, as a browser hands them on."""

import hashlib
import json
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url as text_of

PRESENT, ATTESTED = 0x01, 0x40


class SecurityKey:
    def __init__(self, origin: str, rp: str = "localhost") -> None:
        self.origin, self.rp, self.counter = origin, rp, 0
        self._key, self.id = ec.generate_private_key(ec.SECP256R1()), token_bytes(16)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` would answer."""
        client = self._client("webauthn.create", options["challenge"])
        point = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(PRESENT | ATTESTED) + attested}
        return self._credential(
            {"clientDataJSON": text_of(client), "attestationObject": text_of(cbor2.dumps(statement))}
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` would answer."""
        self.counter += 1
        client, data = self._client("webauthn.get", options["challenge"]), self._data(PRESENT)
        signed = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            {"clientDataJSON": text_of(client), "authenticatorData": text_of(data), "signature": text_of(signed)}
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        return {"id": text_of(self.id), "rawId": text_of(self.id), "type": "public-key", "response": response}
