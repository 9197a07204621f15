"""The compose file and the image recipe, read as data: no container engine is needed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

COMPOSE: dict[str, Any] = yaml.safe_load(Path("docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ["migrate", "web", "worker-cpu", "worker-gpu", "beat"]
RECIPE = Path("Dockerfile").read_text()


def test_every_service_of_the_plan_is_there() -> None:
    assert set(SERVICES) == {"db", "redis", *OURS}


@pytest.mark.parametrize("name", [n for n in SERVICES if n != "migrate"])
def test_a_service_that_stays_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", ["web", "worker-cpu", "worker-gpu", "beat"])
def test_nothing_starts_before_the_migrations_are_done(name: str) -> None:
    needs = SERVICES[name]["depends_on"]

    assert needs["migrate"] == {"condition": "service_completed_successfully"}
    assert needs["redis"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_do_little(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_only_the_web_can_be_reached_and_on_loopback_alone() -> None:
    published = {name: service.get("ports") for name, service in SERVICES.items()}

    assert [name for name, ports in published.items() if ports] == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in published["web"])
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_the_gpu_worker_waits_to_be_asked_for() -> None:
    gpu = SERVICES["worker-gpu"]

    assert gpu["profiles"] == ["gpu"]
    assert gpu["environment"]["LAB_WORKER_CLASS"] == "gpu"
    assert gpu["deploy"]["resources"]["reservations"]["devices"][0]["capabilities"] == ["gpu"]


@pytest.mark.parametrize("name", ["worker-cpu", "worker-gpu"])
def test_a_worker_has_time_to_hand_its_runs_back(name: str) -> None:
    assert SERVICES[name]["stop_grace_period"] == "45s"


def test_redis_keeps_what_it_is_told_and_refuses_strangers() -> None:
    command = SERVICES["redis"]["command"]

    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert "--requirepass" in command


def test_the_web_image_has_no_tokenizer_and_no_model_library() -> None:
    web, worker = RECIPE.split("FROM base AS worker")

    assert "[worker]" not in web
    assert 'pip install ".[worker]"' in worker
    assert "torch" not in RECIPE


def test_images_run_as_nobody_in_particular() -> None:
    assert RECIPE.count("\nUSER cairn") == 2
