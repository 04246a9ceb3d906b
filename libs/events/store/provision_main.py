"""`python -m libs.events.store.provision_main`: the provisioning step of a deployment.

Reads TIDU_ADMIN_STORE_URI, TIDU_DEPLOYMENT, TIDU_SHARDS and one TIDU_PASSWORD_<USER> for each user;
`--first` makes the administrator of a new embedded store and nothing else.
"""

from __future__ import annotations

import argparse
import os
import sys

from libs.events.store.provision import (
    ADMIN,
    USERS,
    Deployment,
    ProvisionRefused,
    connect,
    create_admin,
    provision,
)


def main() -> int:
    """Exit 0 when the store is as the deployment needs it, else 1 and the reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--wait", type=float, default=60)
    given = parser.parse_args()
    names = (ADMIN,) if given.first else USERS
    wanted = ["TIDU_ADMIN_STORE_URI", *(f"TIDU_PASSWORD_{name.upper()}" for name in names)]
    if absent := [name for name in wanted if not os.environ.get(name)]:
        parser.error(f"not set: {', '.join(absent)}")
    passwords = {name: os.environ[f"TIDU_PASSWORD_{name.upper()}"] for name in names}
    deployment = Deployment(
        os.environ.get("TIDU_DEPLOYMENT", "local"),
        int(os.environ.get("TIDU_SHARDS", "6")),
        os.environ.get("TIDU_PREFIX", ""),
    )
    try:
        with connect(os.environ["TIDU_ADMIN_STORE_URI"], given.wait) as client:
            if given.first:
                create_admin(client, passwords[ADMIN])
            else:
                provision(client, deployment, passwords)
    except ProvisionRefused as refused:
        print(refused, file=sys.stderr)
        return 1
    print("the administrator is made" if given.first else "the store is provisioned")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
