"""SMS and e-mail adapters against a real SMTP server and a gateway that checks signatures; 腾讯云's published vector."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from deploy.local.mailbox.gateway import SmsGateway
from deploy.local.mailbox.letters import Letters
from deploy.local.mailbox.page import render
from deploy.local.mailbox.server import mailbox
from services.identity.channels.ports import Channel, ChannelDown, ChannelRefused, Message
from services.identity.channels.signing import (
    plain_signature,
    tc3_authorization,
    tc3_signature,
    tc3_string_to_sign,
)
from services.identity.channels.sms_http import HttpSms
from services.identity.channels.sms_tencent import TencentSms
from services.identity.channels.smtp import SmtpMail

# 腾讯云 API 3.0 签名方法 v3, the worked example of its documentation; its key is printed as 32 asterisks.
PAYLOAD = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
PUBLISHED = "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
SMS = Message("m1", "+8613800138000", "code", {"code": "123456", "minutes": "5"}, "验证码123456")
MAIL = Message("m2", "someone@example.com", "code", {}, "验证码 123456\n.\n第二行", "标题")


def test_the_published_vector_is_met() -> None:
    text = tc3_string_to_sign("cvm", "cvm.tencentcloudapi.com", "DescribeInstances", 1551113065, PAYLOAD)
    assert text.splitlines()[-1] == "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84"
    assert tc3_signature("*" * 32, "cvm", 1551113065, text) == PUBLISHED
    said = tc3_authorization(
        "AKID", "*" * 32, "cvm", "cvm.tencentcloudapi.com", "DescribeInstances", 1551113065, PAYLOAD
    )
    assert said == (
        "TC3-HMAC-SHA256 Credential=AKID/2019-02-25/cvm/tc3_request, "
        f"SignedHeaders=content-type;host;x-tc-action, Signature={PUBLISHED}"
    )


def tencent(answer: Any, seen: list[httpx.Request]) -> TencentSms:
    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json={"Response": answer})

    http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return TencentSms("AKID", "key", "1400", "梯度", "ap-guangzhou", {"code": ("77", ("code", "minutes"))}, http)


def test_tencent_gets_the_template_with_its_parameters_in_order_under_a_signature_over_the_very_body() -> None:
    seen: list[httpx.Request] = []
    channel = tencent({"SendStatusSet": [{"Code": "Ok", "SerialNo": "5000:1"}]}, seen)
    assert asyncio.run(channel.send(SMS)) == "5000:1"
    request = seen[0]
    sent = json.loads(request.content)
    assert (sent["TemplateId"], sent["TemplateParamSet"]) == ("77", ["123456", "5"])
    assert sent["PhoneNumberSet"] == ["+8613800138000"]
    timestamp = int(request.headers["X-TC-Timestamp"])
    assert request.headers["Authorization"] == tc3_authorization(
        "AKID", "key", "sms", "sms.tencentcloudapi.com", "SendSms", timestamp, request.content
    )


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ({"SendStatusSet": [{"Code": "FailedOperation.PhoneNumberInBlacklist"}]}, ChannelRefused("blocked")),
        ({"SendStatusSet": [{"Code": "InvalidParameterValue.IncorrectPhoneNumber"}]}, ChannelRefused("number")),
        ({"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumberDailyLimit"}]}, ChannelRefused("limit")),
        ({"Error": {"Code": "AuthFailure.SignatureFailure"}}, ChannelDown()),
        ({"Error": {"Code": "FailedOperation.InsufficientBalanceInSmsPackage"}}, ChannelDown()),
        ({"unexpected": 1}, ChannelDown()),
        (httpx.Response(502, text="bad gateway"), ChannelDown()),
    ],
)
def test_what_the_provider_answers_is_a_reason_for_the_person_or_a_provider_that_is_down(
    answer: Any, trouble: Exception
) -> None:
    with pytest.raises(type(trouble)) as told:
        asyncio.run(tencent(answer, []).send(SMS))
    assert getattr(told.value, "reason", None) == getattr(trouble, "reason", None)


def test_a_message_without_a_template_is_not_sent() -> None:
    seen: list[httpx.Request] = []
    with pytest.raises(ChannelRefused):
        asyncio.run(tencent({}, seen).send(Message("m", SMS.to, "unheard-of", {}, "")))
    assert seen == []


def test_sms_and_mail_arrive_whole() -> None:
    async def story() -> None:
        async with mailbox("127.0.0.1", "k", "secret-secret") as box:
            sms: Channel = HttpSms(f"http://127.0.0.1:{box.http_port}/sms", "k", "secret-secret", 2)
            await sms.send(SMS)
            await SmtpMail("127.0.0.1", box.smtp_port, "t@example.com", "none", "", "", 2).send(MAIL)
            first, second = box.letters.found()
            assert (first["to"], first["text"]) == (SMS.to, SMS.text)
            assert (second["to"], second["subject"], second["text"]) == (MAIL.to, "标题", MAIL.text)
            assert box.letters.found("+8613800138000", after=1) == []
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{box.http_port}") as http:
                page = (await http.get("/mailbox/")).text
                listed = (await http.get("/mailbox/messages.json", params={"to": SMS.to})).json()["messages"]
            assert SMS.text in page and [one["n"] for one in listed] == [1]

    asyncio.run(story())


def test_a_wrong_secret_a_provider_that_is_down_and_a_blocked_number_are_told_apart() -> None:
    async def story() -> None:
        async with mailbox("127.0.0.1", "k", "secret-secret") as box:
            url = f"http://127.0.0.1:{box.http_port}/sms"
            with pytest.raises(ChannelDown):
                await HttpSms(url, "k", "another", 2).send(SMS)
            sms = HttpSms(url, "k", "secret-secret", 2)
            box.gateway.blocked.add(SMS.to)
            with pytest.raises(ChannelRefused) as refused:
                await sms.send(SMS)
            assert refused.value.reason == "blocked"
            box.gateway.failing = True
            with pytest.raises(ChannelDown):
                await sms.send(SMS)
            mail = SmtpMail("127.0.0.1", box.smtp_port, "t@example.com", "none", "", "", 2)
            with pytest.raises(ChannelRefused) as refused:
                await mail.send(Message("m", "nobody@refused.example", "code", {}, "x", "x"))
            assert refused.value.reason == "number"
            assert box.letters.found() == []
            port = box.smtp_port
        with pytest.raises(ChannelDown):
            await SmtpMail("127.0.0.1", port, "t@example.com", "none", "", "", 2).send(MAIL)

    asyncio.run(story())


def signed(body: bytes, timestamp: str, nonce: str) -> dict[str, str]:
    signature = plain_signature("secret", timestamp, nonce, body)
    return {"tidu-key": "k", "tidu-timestamp": timestamp, "tidu-nonce": nonce, "tidu-signature": signature}


def test_the_gateway_believes_nothing_changed_old_or_repeated() -> None:
    import time

    gateway, now = SmsGateway(Letters(), "k", "secret"), str(int(time.time()))
    body = json.dumps({"phone": SMS.to, "text": "x"}).encode()
    good = signed(body, now, "n" * 16)
    assert gateway.take(good, body)[0] == 200
    assert gateway.take(good, body) == (401, {"reason": "nonce"})
    assert gateway.take(signed(body, now, "m" * 16), body + b" ") == (401, {"reason": "signature"})
    assert gateway.take(signed(body, "1000000000", "o" * 16), body) == (401, {"reason": "timestamp"})
    assert gateway.take({**good, "tidu-key": "other"}, body) == (401, {"reason": "key"})


def test_the_page_shows_markup_as_text() -> None:
    letters = Letters()
    letters.add("email", "<b>@example.com", "<script>1</script>", "<img src=x>")
    assert "<script>" not in render(letters.found()) and "&lt;script&gt;" in render(letters.found())
