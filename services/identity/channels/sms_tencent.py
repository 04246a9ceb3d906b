"""SMS by 腾讯云短信, API SendSms of 2021-01-11, signed with TC3-HMAC-SHA256."""

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from services.identity.channels.ports import ChannelDown, ChannelRefused, Message
from services.identity.channels.signing import CONTENT_TYPE, tc3_authorization

HOST, ACTION, VERSION = "sms.tencentcloudapi.com", "SendSms", "2021-01-11"
# The provider's codes by prefix: what they mean for the person who waits.
_REASONS = {
    "FailedOperation.PhoneNumberInBlacklist": "blocked",
    "FailedOperation.ContainSensitiveWord": "content",
    "FailedOperation.Template": "content",
    "InvalidParameterValue.IncorrectPhoneNumber": "number",
    "UnsupportedOperation.": "number",
    "LimitExceeded.PhoneNumber": "limit",
}


class TencentSms:
    """`templates` maps our template names to (the provider's template id, the names of its parameters in order)."""

    def __init__(
        self, secret_id: str, secret_key: str, app: str, sign: str, region: str,
        templates: Mapping[str, tuple[str, tuple[str, ...]]], http: httpx.AsyncClient, host: str = HOST,
    ) -> None:  # fmt: skip
        self._id, self._key, self._app, self._sign, self._region = secret_id, secret_key, app, sign, region
        self._templates, self._http, self._host = templates, http, host

    async def send(self, message: Message) -> str:
        found = self._templates.get(message.template)
        if found is None:
            raise ChannelRefused("content", f"no template of the provider for {message.template}")
        template, names = found
        body = json.dumps(
            {
                "PhoneNumberSet": [message.to],
                "SmsSdkAppId": self._app,
                "SignName": self._sign,
                "TemplateId": template,
                "TemplateParamSet": [message.values[name] for name in names],
                "SessionContext": message.id,
            },
            ensure_ascii=False,
        ).encode()
        try:
            answer = await self._http.post(f"https://{self._host}/", content=body, headers=self._headers(body))
            return _outcome(answer.json()["Response"])
        except httpx.TransportError as error:
            raise ChannelDown(type(error).__name__) from error
        except (ValueError, LookupError, TypeError) as error:
            raise ChannelDown("an answer that is not the provider's") from error

    def _headers(self, body: bytes) -> dict[str, str]:
        now = int(time.time())
        return {
            "Authorization": tc3_authorization(self._id, self._key, "sms", self._host, ACTION, now, body),
            "Content-Type": CONTENT_TYPE,
            "Host": self._host,
            "X-TC-Action": ACTION,
            "X-TC-Timestamp": str(now),
            "X-TC-Version": VERSION,
            "X-TC-Region": self._region,
        }


def _outcome(told: Mapping[str, Any]) -> str:
    """The request as a whole may fail, and the one number in it."""
    if "Error" in told:
        raise _trouble(str(told["Error"].get("Code", "")))
    status = told["SendStatusSet"][0]
    if status["Code"] != "Ok":
        raise _trouble(str(status["Code"]))
    return str(status["SerialNo"])


def _trouble(code: str) -> Exception:
    for begins, reason in _REASONS.items():
        if code.startswith(begins):
            return ChannelRefused(reason, code)
    # Keys, signatures, balance, the provider's own failures: nothing that another number would change.
    return ChannelDown(code)
