"""`python -m deploy.local.mailbox`: by environment variables, until told to stop."""

import asyncio
import os
import signal

from deploy.local.mailbox.server import mailbox


async def main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    given = os.environ
    host, ports = given.get("MAILBOX_HOST", "127.0.0.1"), (given["MAILBOX_HTTP_PORT"], given["MAILBOX_SMTP_PORT"])
    async with mailbox(host, given["TIDU_SMS_KEY_ID"], given["TIDU_SMS_SECRET"], *(int(port) for port in ports)):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
