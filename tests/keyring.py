"""A security key in software: it makes pairs of keys and signs what it is asked, as the ones of metal do; and lies, where a test wants it."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from alliance.accounts.challenges import Answer, b64

ORIGIN, PLACE = "http://localhost", "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Key:
    """One key of one person; `count` goes up with each answer unless it is None."""

    def __init__(self, count: int | None = 0, verifies: bool = True) -> None:
        self.pair = ec.generate_private_key(ec.SECP256R1())
        self.id, self.count, self.flags = secrets.token_bytes(32), count, PRESENT | (VERIFIED if verifies else 0)
        self.owner = ""

    def made(self, asked: tuple[dict[str, Any], str], **lies: str) -> Answer:
        """What it answers when it is to be added."""
        options, challenge = asked
        self.owner = options["user"]["id"]
        numbers = self.pair.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        data = self._data(lies.get("place", PLACE), self.flags | ATTESTED) + attested
        told = self._told("webauthn.create", options["challenge"], lies)
        said = {"attestationObject": b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})), "transports": ["usb", "made up"]}
        return self._answer(challenge, told, said)

    def signed(self, asked: tuple[dict[str, Any], str], **lies: str) -> Answer:
        """What it answers when it is to prove itself."""
        options, challenge = asked
        told, data = self._told("webauthn.get", options["challenge"], lies), self._data(lies.get("place", PLACE), self.flags)
        signature = self.pair.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        said = {"authenticatorData": b64(data), "signature": b64(signature), "userHandle": lies.get("owner", self.owner)}
        return self._answer(challenge, told, said)

    def _data(self, place: str, flags: int) -> bytes:
        if self.count is not None:
            self.count += 1
        return hashlib.sha256(place.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count or 0)

    @staticmethod
    def _told(kind: str, challenge: str, lies: dict[str, str]) -> bytes:
        return json.dumps({"type": kind, "challenge": lies.get("challenge", challenge), "origin": lies.get("origin", ORIGIN)}).encode()

    def _answer(self, challenge: str, told: bytes, said: dict[str, Any]) -> Answer:
        whole = {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": {"clientDataJSON": b64(told), **said}}
        return Answer(json.dumps(whole), challenge)
