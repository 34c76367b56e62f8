"""JSON Web Tokens as vendors issue them: HS256, signed with a secret that only the sandbox has."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

__all__ = ["jwt_text"]


def jwt_text(claims: Mapping[str, Any], secret: str) -> str:
    """The compact form of a signed token (RFC 7519).

    Clients may read the claims. The sandbox itself looks a token up among the issued ones, so that it can be revoked
    and dies on the sandbox's clock.
    """
    signed = b".".join(_encoded(orjson.dumps(part)) for part in ({"alg": "HS256", "typ": "JWT"}, dict(claims)))
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return b".".join((signed, _encoded(signature))).decode("ascii")


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
