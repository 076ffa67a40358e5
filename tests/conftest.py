"""Hypothesis, with strategies for the job language; and the --slow flag."""

import job_strategies  # noqa: F401  # registers them
import pytest
import torch
from hypothesis import HealthCheck, settings

pytest_plugins = ("weights_server",)
settings.register_profile(
    "neural_texture", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("neural_texture")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    reasons = {}
    if not config.getoption("--slow"):
        reasons["slow"] = "takes minutes; --slow runs it"
    if not torch.cuda.is_available():
        reasons["gpu"] = "this machine has no CUDA device"
    for item in items:
        for marker, reason in reasons.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
