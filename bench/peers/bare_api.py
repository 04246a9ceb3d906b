"""A bare FastAPI POST: the body validated, an answer of the same size, nothing kept. `python -m bench.peers.bare_api PORT`.

The same server, loop and parser as a service's, without middleware, authentication, store or log.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict


class Profile(BaseModel):
    """The fields of 企业基本信息, as the real body has them."""

    model_config = ConfigDict(extra="forbid")
    authority: str
    region: str
    address: str
    postcode: str
    industry: str
    segment: str
    product: str
    registered_on: str
    capital: str
    size: str
    legal_representative: str
    contact: str
    contact_mobile: str
    email: str


app = FastAPI(docs_url=None, redoc_url=None)


@app.post("/profile", status_code=201)
async def profile(body: Profile) -> dict[str, object]:
    return {
        "command": "0" * 32, "stream": f"enterprise-{'0' * 32}", "version": 1, "shard": 0, "position": 1,
        "hash": "0" * 64, "clock": "0" * 16, "recorded_at": "2026-11-21T00:00:00.000Z",
        "events": [{"id": f"{'0' * 32}.1", "type": "applications.ProfileChanged.v1"}], "said": body.product,
    }  # fmt: skip


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", log_config=None,
        access_log=False, server_header=False, date_header=False,
    )  # fmt: skip
