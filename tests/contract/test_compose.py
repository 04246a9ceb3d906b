"""docker-compose.yml, the settings classes, the topics and the embedded stack must say the same."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local import services as local
from deploy.local.vault import STORE_USERS, Secrets
from libs.events.flow import topics
from libs.events.settings import KernelSettings
from libs.events.store import provision

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
GATEWAY = (ROOT / "deploy/docker/Caddyfile").read_text(encoding="utf-8")
PARTS: dict[str, Any] = COMPOSE["services"]
SECRETS = Secrets(dict.fromkeys(STORE_USERS, "pw"), "key", "pepper", "1:00", "admin", "pw")
AROUND = local.Surroundings("local", "local", 6, [9092], 27017, "http://127.0.0.1:8080", SECRETS)


def settings_of(service: str) -> type[KernelSettings]:
    """The service's own class when it has one, else the kernel's."""
    if not (ROOT / "services" / service / "settings.py").exists():
        return KernelSettings
    found = vars(import_module(f"services.{service}.settings")).values()
    own = [c for c in found if isinstance(c, type) and issubclass(c, KernelSettings)]
    return max(own, key=lambda c: len(c.mro()))


def test_the_services_are_the_same_everywhere() -> None:
    assert set(PARTS) == {*local.NAMES, "kafka", "mongo", "init", "heads", "mailbox", "gateway"}
    assert set(local.NAMES) == set(provision.SERVICES) == {t.owner for t in topics.load()}
    assert {t.name for t in topics.load()} == {f"{name}.events" for name in local.NAMES}


@pytest.mark.parametrize("service", local.NAMES)
def test_a_service_gets_in_compose_what_it_gets_from_the_embedded_stack(service: str) -> None:
    given = {name for name in PARTS[service]["environment"] if name.startswith("TIDU_")}
    embedded = set(local.contract(service, 1, AROUND))
    assert given == embedded
    assert PARTS[service]["command"] == ["python", "-m", f"services.{service}", "all"]


@pytest.mark.parametrize("service", local.NAMES)
def test_every_variable_is_one_that_the_settings_read(service: str) -> None:
    known = {f"TIDU_{field.upper()}" for field in settings_of(service).model_fields}
    given = {name for name in PARTS[service]["environment"] if name.startswith("TIDU_")}
    if settings_of(service) is KernelSettings:
        given -= {"TIDU_SYSTEM_ADMIN_LOGIN", "TIDU_SYSTEM_ADMIN_PASSWORD"}
    assert given <= known


def test_ports_agree_between_settings_health_checks_and_gateway() -> None:
    routes = dict(re.findall(r"reverse_proxy (\w+):(\d+)", GATEWAY))
    assert set(routes) == set(local.NAMES)
    for name in local.NAMES:
        port = PARTS[name]["environment"]["TIDU_HTTP_PORT"]
        assert routes[name] == port
        assert f"127.0.0.1:{port}/readyz" in " ".join(PARTS[name]["healthcheck"]["test"])
        assert f"handle /api/{name}/*" in GATEWAY


def test_everything_that_stays_up_has_a_health_check_and_a_pinned_image() -> None:
    for name, part in PARTS.items():
        assert name == "init" or "healthcheck" in part, name
        assert ":" in part["image"] and not part["image"].endswith(":latest"), name


def test_the_init_step_makes_topics_and_users_before_the_services_start() -> None:
    command = PARTS["init"]["command"][-1]
    assert "libs.events.flow.topics" in command
    assert "libs.events.store.provision_main" in command
    given = {name for name in PARTS["init"]["environment"] if "PASSWORD" in name}
    assert given == {f"TIDU_PASSWORD_{user.upper()}" for user in provision.USERS}
    for name in local.NAMES:
        assert PARTS[name]["depends_on"]["init"]["condition"] == "service_completed_successfully"


def test_no_secret_has_a_default_and_all_can_be_made() -> None:
    references = re.findall(r"\$\{(\w+)(:?[?-][^}]*)?\}", TEXT)
    secret = re.compile("PASSWORD|KEY|PEPPER|SECRET|CLUSTER_ID")
    demanded = {name for name, rule in references if secret.search(name)}
    assert {n for n, rule in references if secret.search(n) and not rule.startswith(":?")} == set()
    made = subprocess.run(
        [sys.executable, ROOT / "deploy/docker/make_env.py"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {line.partition("=")[0] for line in made} == demanded


def test_topics_are_kept_for_ever_and_follow_the_deployments_shards() -> None:
    for topic in topics.load("production"):
        assert (topic.partitions, topic.replication) == (48, 3)
        assert topic.config["min.insync.replicas"] == "2"
        assert topic.config["retention.ms"] == "-1"
        assert topic.config["cleanup.policy"] == "delete"
    assert {t.partitions for t in topics.load("local", shards=12)} == {12}
    assert {t.partitions for t in topics.load()} == {KernelSettings.model_fields["shards"].default}
