"""账号找回, captcha and malware scanning."""

import asyncio
import struct
from typing import Any

import pytest

from services.identity import captchas
from services.identity.scanning import _EICAR, Clamd, NoScanner, ScannerDown, Signatures, scanner_of
from services.identity.settings import Settings
from tests.unit.identity.kit import COMPANY, RULES
from tests.unit.identity.post import Post, with_post
from tests.unit.identity.stories import REAL_NAME
from tests.unit.identity.test_checks import PNG, upload
from tests.unit.identity.test_ways_out import PHONE, registered, verified

ASKER = "13600136000"
STATED = {
    "credit_code": COMPANY, "name": REAL_NAME["name"], "legal_representative": "张三",
    "document_number": "11010519491231002X", "phone": ASKER,
}  # fmt: skip


async def asked(post: Post, **changes: Any) -> Any:
    return await post.browser().post("/recoveries", STATED | await post.code("recovery", phone=ASKER) | changes)


@with_post
async def test_what_is_right_sends_the_login_name_to_the_bound_phone_and_mailbox_and_to_nobody_else(post: Post) -> None:
    await verified(post)
    answer = await asked(post, name=f" {STATED['name']} ", document_number=" 11010519491231002x")
    assert answer.status_code == 201, answer.text
    assert "xiamen01" not in answer.text
    assert any("xiamen01" in text for text in await post.to("+86" + PHONE))
    assert any("xiamen01" in text for text in await post.to("someone@example.com"))
    assert not any("xiamen01" in text for text in await post.to("+86" + ASKER))


@pytest.mark.parametrize(
    "change",
    [{"name": "别的公司"}, {"legal_representative": "李四"}, {"document_number": "110105194912310020"},
     {"credit_code": "91350100M000100Y43"}],
)  # fmt: skip
def test_wrong_information_is_all_that_is_said_and_leads_on_to_the_manual_check(change: dict[str, str]) -> None:
    async def story(post: Post) -> None:
        await verified(post)
        answer = await asked(post, **change)
        assert (answer.status_code, answer.json()["code"]) == (409, "identity.recovery-mismatch")
        assert answer.json()["title"] == "信息有误" and "人工核验" in answer.json()["way_out"]
        assert await post.to("+86" + PHONE) == []

    with_post(story)()


@with_post
async def test_statements_about_one_enterprise_are_limited(post: Post) -> None:
    await verified(post)
    codes = []
    for _ in range(7):
        codes.append((await asked(post, document_number="1")).json()["code"])
        post.pass_seconds(60)
    assert codes == ["identity.recovery-mismatch"] * 5 + ["identity.too-many-attempts"] * 2


@with_post
async def test_after_a_few_tries_the_real_name_check_needs_a_captcha_or_a_question(post: Post) -> None:
    browser = await registered(post)
    wrong = REAL_NAME | {"document_number": "110105194912310020"}
    for _ in range(RULES["captcha"]["free_tries"]):
        assert (await browser.post("/me/real-name", wrong)).json()["verified"] is False
    assert (await browser.post("/me/real-name", REAL_NAME)).json()["code"] == "identity.captcha-needed"
    image = (await browser.post("/captchas", {"kind": "image"})).json()
    assert image["image"].startswith("data:image/png;base64,iVBOR")
    guessed = REAL_NAME | {"captcha": image["captcha"], "captcha_answer": "?"}
    assert (await browser.post("/me/real-name", guessed)).json()["code"] == "identity.captcha-wrong"
    question = (await browser.post("/captchas", {"kind": "question"})).json()
    solved = REAL_NAME | {"captcha": question["captcha"], "captcha_answer": solve(question["question"])}
    assert (await browser.post("/me/real-name", solved)).json()["verified"], question
    post.pass_seconds(1)
    used = await post.stage.runtime.documents(captchas.COLLECTION).get(question["captcha"])
    assert used is None


@with_post
async def test_a_request_that_is_sent_again_and_again_needs_no_captcha(post: Post) -> None:
    browser = await registered(post)
    answers = [await browser.post("/me/real-name", REAL_NAME, key="same") for _ in range(6)]
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.text for answer in answers} == {answers[0].text}


def solve(question: str) -> str:
    """As a person would, by reading."""
    numbers = [captchas._DIGITS.index(c) for c in question.split("：")[1] if c in captchas._DIGITS]
    if "加" in question:
        return str(numbers[0] + numbers[1])
    return str(max(numbers[:3]))


def test_the_eicar_file_is_refused_and_nothing_of_it_is_kept() -> None:
    async def story(post: Post) -> None:
        runtime = post.stage.runtime
        runtime.settings = runtime.settings.model_copy(update={"scanner": "signatures"})
        infected = await upload(post.browser(), PNG + _EICAR)
        assert (infected.status_code, infected.json()["code"]) == (422, "identity.licence-refused")
        assert await runtime.documents("licences").count({}) == 0
        assert (await upload(post.browser())).json()["scan"] == "clean"

    with_post(story)()


@pytest.mark.parametrize(
    ("answer", "verdict"), [(b"stream: OK\0", "clean"), (b"stream: Eicar-Test-Signature FOUND\0", "infected")]
)
def test_clamd_gets_the_whole_file_in_chunks(answer: bytes, verdict: str) -> None:
    content = bytes(range(256)) * 1000

    async def story() -> None:
        received = asyncio.get_running_loop().create_future()

        async def clamd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
            whole = b""
            while size := struct.unpack("!L", await reader.readexactly(4))[0]:
                whole += await reader.readexactly(size)
            received.set_result(whole)
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(clamd, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        assert await Clamd("127.0.0.1", port, 2).scan(content) == verdict
        assert await received == content
        server.close()

    asyncio.run(story())


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0"])
def test_a_scanner_that_does_not_scan_lets_nothing_pass(answer: bytes) -> None:
    async def story() -> None:
        async def clamd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(clamd, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ScannerDown):
            await Clamd("127.0.0.1", port, 2).scan(b"x")
        server.close()
        await server.wait_closed()
        with pytest.raises(ScannerDown):
            await Clamd("127.0.0.1", port, 2).scan(b"x")

    asyncio.run(story())


def test_the_settings_choose_the_scanner() -> None:
    assert isinstance(scanner_of(Settings()), NoScanner)
    assert isinstance(scanner_of(Settings(scanner="signatures")), Signatures)
    assert isinstance(scanner_of(Settings(scanner="clamd")), Clamd)
