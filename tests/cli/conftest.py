"""One running house for all tests of the command line in a process."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.cli.house import House, running_house
from tests.stackfixtures import SmtpSink, cloned_database
from workers.embedded.postgres import Cluster


@pytest.fixture(scope="session")
def house(
    postgres_cluster: Cluster, smtp_sink_process: SmtpSink, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Everything real, and the demo leads."""
    with cloned_database(postgres_cluster, f"cli_{uuid4().hex[:8]}") as url:
        folder = tmp_path_factory.mktemp("house")
        with running_house(folder, url, smtp_sink_process) as made:
            yield made


@pytest.fixture
def lead(house: House) -> str:
    """A lead of the test's own, just registered; its id."""
    fact_id = f"test-{uuid4()}"
    words = ("register", f"Gasthof {fact_id}", "Jena", "--owner", "anna", "--contact-name", "E. Muster")
    told = house.done(*words, "--fact-id", fact_id)
    return str(told["lead"])
