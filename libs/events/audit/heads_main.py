"""`python -m libs.events.audit.heads_main`: signs the heads of all services once a minute, as an auditor who only reads.

Reads TIDU_STORE_URI, TIDU_DEPLOYMENT, TIDU_PREFIX, TIDU_HEADS_KEY (64 hex digits), TIDU_HEADS_FOLDER, TIDU_HEADS_SECONDS
and TIDU_PROFILE. `--check` exits 0 only if a line was signed within three intervals. Imports no Kafka, FastStream or web.
"""

import asyncio
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog

from libs.events.audit.heads import Signer, private_key
from libs.events.contracts.base import SERVICES
from libs.events.contracts.times import time_text
from libs.events.errors import Unavailable
from libs.events.store.mongo import MongoCommits, connect

log = structlog.get_logger("heads")

LOCAL_KEY = "00" * 32
EVERY_SECONDS = 60.0


def signing_key(given: str, profile: str) -> str:
    """Raises ValueError for the local default in production, and for what is no key."""
    if profile == "production" and (not given or given == LOCAL_KEY):
        raise ValueError("the production profile needs its own TIDU_HEADS_KEY")
    seed = given or LOCAL_KEY
    private_key(seed)
    return seed


async def sign_for_ever(signer: Signer, stores: dict[str, MongoCommits], every: float) -> None:
    while True:
        began = time.monotonic()
        try:
            head, alarms = await signer.sign(stores, time_text(datetime.now(UTC)))
            await log.ainfo("heads.signed", line=head.number, shards=sum(map(len, head.heads.values())))
            for alarm in alarms:
                await log.aerror("heads.log-went-back", what=alarm, way_out="tidu verify, then tidu restore")
        except (Unavailable, OSError) as error:
            await log.awarning("heads.waiting", error=str(error))
            every_now = 5.0
        else:
            every_now = every
        await asyncio.sleep(max(0.0, every_now - (time.monotonic() - began)))


def main() -> int:
    """Until SIGTERM; 2 when the settings are wrong."""
    folder = Path(os.environ.get("TIDU_HEADS_FOLDER", "heads"))
    every = float(os.environ.get("TIDU_HEADS_SECONDS", EVERY_SECONDS))
    if "--check" in sys.argv:
        newest = max((path.stat().st_mtime for path in folder.glob("heads-*.jsonl")), default=0.0)
        return 0 if time.time() - newest < 3 * every else 1
    try:
        seed = signing_key(os.environ.get("TIDU_HEADS_KEY", ""), os.environ.get("TIDU_PROFILE", "local"))
    except ValueError as error:
        print(f"TIDU_HEADS_KEY: {error}", file=sys.stderr)
        return 2
    asyncio.run(_run(folder, seed, every))
    return 0


async def _run(folder: Path, seed: str, every: float) -> None:
    signer = Signer(folder, private_key(seed), os.environ.get("TIDU_DEPLOYMENT", "local"))
    client = connect(os.environ["TIDU_STORE_URI"])
    stores = {service: MongoCommits(client, service, os.environ.get("TIDU_PREFIX", "")) for service in SERVICES}
    work = asyncio.create_task(sign_for_ever(signer, stores, every))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    await asyncio.wait([work])
    client.close()
    if not work.cancelled() and (died := work.exception()):
        raise died


if __name__ == "__main__":
    raise SystemExit(main())
