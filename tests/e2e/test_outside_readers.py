"""The examples as strangers run them, and the hashes computed by nobody's code but this file's."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from hashlib import sha256

from deploy.local.run import ROOT
from examples.reader import HEADERS
from libs.events.contracts.base import SERVICES
from tests.e2e.tale import Tale, records_of, said, verified

WATCHED = ("ApplicationSubmitted", "ApplicationReturned", "CertificationExpiring")


async def started(tale: Tale, module: str) -> asyncio.subprocess.Process:
    env = {**os.environ, "TIDU_KAFKA": tale.stack.kafka, "PYTHONUNBUFFERED": "1"}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, env=env, cwd=ROOT, stdout=PIPE, stderr=STDOUT
    )


async def expected(tale: Tale) -> dict[str, int]:
    found = {}
    for service, name in zip(("applications", "review", "review"), WATCHED, strict=True):
        found[name] = len(await said(tale.stack, service, name))
    return found


async def test_a_plain_client_counts_what_verify_counts(tale: Tale) -> None:
    process = await started(tale, "examples.plain_client")
    output, _ = await process.communicate()
    text = output.decode()
    assert process.returncode == 0, text
    counted = {r.service: sum(s.positions for s in r.shards) for r in await verified(tale.stack)}
    for service in ("applications", "review"):
        assert f"{service}.events: {counted[service]} events, 0 foreign, 0 gaps" in text
    assert f"{counted['applications'] + counted['review']} events dense and verified" in text
    for name, number in (await expected(tale)).items():
        assert f"{name} {number}" in text


async def test_a_subscriber_in_ten_lines_follows_three_events_without_complaint(tale: Tale) -> None:
    wanted = await expected(tale)
    assert all(wanted.values())
    process = await started(tale, "examples.subscriber")
    assert process.stdout is not None
    seen, lines = dict.fromkeys(WATCHED, 0), []
    try:
        async with asyncio.timeout(60):
            while seen != wanted:
                line = (await process.stdout.readline()).decode()
                assert line, "".join(lines)
                lines.append(line)
                if found := re.match(rf"({'|'.join(WATCHED)}) \S+ \d+$", line):
                    seen[found[1]] += 1
    finally:
        process.kill()
        await process.wait()
    assert not [line for line in lines if "not the next record" in line]


async def test_hashes_are_those_of_the_specification(tale: Tale) -> None:
    """`name=value` of twenty headers in order, an empty line, the body; each names the hash before it.

    A relay that died or was doubled may have sent records again: they have the same hash and are no next ones.
    """
    counted = {r.service: sum(s.positions for s in r.shards) for r in await verified(tale.stack)}
    for service in SERVICES:
        hashes: dict[int, list[str]] = {partition: ["0" * 64] for partition in range(6)}
        for record in await records_of(tale.stack, f"{service}.events"):
            headers = {name: value.decode() for name, value in record.headers}
            text = "".join(f"{name}={headers[name]}\n" for name in HEADERS) + "\n"
            assert sha256(text.encode() + record.value).hexdigest() == headers["ce_hash"]
            chain, position = hashes[record.partition], int(headers["ce_sequence"])
            assert position <= len(chain), "a gap"
            if position < len(chain):
                assert headers["ce_hash"] == chain[position]
                continue
            assert headers["ce_previoushash"] == chain[-1]
            chain.append(headers["ce_hash"])
        assert sum(len(chain) - 1 for chain in hashes.values()) == counted[service]
