"""Prints a fresh set of secrets for `docker compose`: python3 deploy/docker/make_env.py > .env (mode 0600)."""

import base64
import secrets

USERS = ("admin", "identity", "applications", "assessment", "review", "notifications", "auditor", "restorer")


def lines() -> list[str]:
    """One `NAME=value` for each variable that docker-compose.yml demands."""
    passwords = [f"TIDU_PASSWORD_{user.upper()}={secrets.token_urlsafe(24)}" for user in USERS]
    return [
        *passwords,
        f"TIDU_MASTER_KEY={base64.b64encode(secrets.token_bytes(32)).decode()}",
        f"TIDU_PEPPER={secrets.token_hex(32)}",
        f"TIDU_FINGERPRINT_SECRET=1:{secrets.token_hex(32)}",
        f"TIDU_HEADS_KEY={secrets.token_hex(32)}",
        f"TIDU_SMS_KEY_ID={secrets.token_hex(8)}",
        f"TIDU_SMS_SECRET={secrets.token_hex(32)}",
        f"TIDU_SYSTEM_ADMIN_PASSWORD={secrets.token_urlsafe(18)}",
        f"MONGO_KEYFILE={secrets.token_hex(64)}",
        f"KAFKA_CLUSTER_ID={base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip('=')}",
    ]


if __name__ == "__main__":
    print("\n".join(lines()))
