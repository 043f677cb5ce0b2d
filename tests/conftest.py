"""Fixtures of the whole suite: real servers, and the rule that CI skips nothing."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from dispatcher.embedded import embedded_redis
from tests import real_parts
from tests.ledgers import ledger, ledger_url, postgres_template, sqlite_template
from tests.real_parts import SuiteSettings

__all__ = ["ledger", "ledger_url", "postgres_template", "sqlite_template"]  # fixtures for all
# They begin, with all that drives a browser: processes side by side then end at the same time.
_LONG = {
    *("test_chaos", "test_delivery_model", "test_every_crash_point", "test_setup"),
    *("test_two_people_model", "test_upgraded"),
}

# CI judges a change: the same examples each time, sixty where a test does not say how many. Whoever
# runs the suite herself explores new ones.
settings.register_profile("ci", derandomize=True, print_blob=True, max_examples=60)
# By command, for as long as it takes: `--hypothesis-profile=long tests/test_delivery_model.py`.
settings.register_profile("long", max_examples=600, stateful_step_count=60, print_blob=True)
if SuiteSettings().ci:
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def suite_settings() -> SuiteSettings:
    """Where this machine keeps the real parts."""
    return SuiteSettings()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real PostgreSQL 18 for this run (`tests.ledgers` makes databases in it)."""
    with real_parts.postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture
async def valkey_url(tmp_path: Path) -> AsyncIterator[str]:
    """Address of a real, empty Valkey for one test, from the wheel."""
    program = str(real_parts.valkey_program())
    async with embedded_redis(tmp_path / "valkey", program=program) as url:
        yield url


@pytest.fixture(scope="session")
def prism_url(
    suite_settings: SuiteSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of Prism, which judges requests by Twilio's own description."""
    program = real_parts.prism_program(suite_settings)
    with real_parts.prism(program, tmp_path_factory.mktemp("prism")) as url:
        yield url


@pytest.fixture(scope="session")
def chromium(suite_settings: SuiteSettings) -> Path:
    """Path of a real browser."""
    return real_parts.chromium_program(suite_settings)


@pytest.fixture(scope="session")
def dovecot_program(suite_settings: SuiteSettings) -> Path:
    """Path of dovecot, to start with a configuration of one's own."""
    return real_parts.dovecot_program(suite_settings)


@pytest.fixture(scope="session")
def exim_program(suite_settings: SuiteSettings) -> Path:
    """Path of a real mail server."""
    return real_parts.exim_program(suite_settings)


@pytest.fixture
def unused_tcp_port() -> int:
    """Give a port of this machine that nobody listens on."""
    return real_parts.free_port()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Skips())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem not in _LONG and "browser" not in item.path.stem)


class Skips:
    """In CI a skipped test is a failed run: what did not run was not shown.

    It reads reports, which arrive from the processes that run tests side by side too.
    """

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self.names.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.names.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if SuiteSettings().ci and self.names:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if SuiteSettings().ci and self.names:
            terminalreporter.section("skipped, which CI does not allow")
            for name in self.names:
                terminalreporter.line(name)
