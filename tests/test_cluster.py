"""Parts computed by the processes of a Dask cluster: a lost worker loses nothing, the digits are the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from scenarios import cluster as clusters
from scenarios import compare, parts
from scenarios.cli import cli
from scenarios.cluster import cluster
from scenarios.scenario import ScenarioError
from simulate import results

PERSONS, SIZE = 2_400, 200
OPTIONS = {"persons": PERSONS, "by": ("sex",)}


@pytest.fixture(scope="module")
def client():
    from distributed import Client, LocalCluster

    options = {"threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 50}
    with LocalCluster(n_workers=2, **options) as here, Client(here, set_as_default=False) as found:
        yield found


@pytest.fixture
def small_parts(monkeypatch):
    for module in (parts, results):
        monkeypatch.setattr(module, "PART", SIZE)


def test_workers_give_the_digits_of_one_machine_and_a_killed_one_loses_nothing(client, small_parts, tmp_path):
    here = compare(["lower-floor"], **OPTIONS, people=tmp_path / "here")
    before = client.run(os.getpid)
    told = []

    def kill_one(done: int, total: int) -> None:
        if 0 < done < total and not told:
            os.kill(next(iter(before.values())), signal.SIGKILL)
        told.append((done, total))

    with cluster(scheduler=client.scheduler.address):
        there = compare(["lower-floor"], **OPTIONS, people=tmp_path / "there", progress=kill_one)
    assert there.to_json() == here.to_json()
    assert there.sample == here.sample
    assert told[-1] == (PERSONS, PERSONS)
    files = sorted((tmp_path / "here").iterdir())
    assert len(files) == PERSONS // SIZE
    assert all((tmp_path / "there" / file.name).read_bytes() == file.read_bytes() for file in files)
    client.wait_for_workers(2)
    assert set(before.values()) != set(client.run(os.getpid).values())  # one was killed indeed


def test_the_command_computes_on_the_workers_of_a_scheduler(client):
    arguments = ["run", "current-law", "--persons", "200", "--format", "csv"]
    there = CliRunner().invoke(cli, [*arguments, "--scheduler", client.scheduler.address])
    assert there.exit_code == 0
    assert there.output == CliRunner().invoke(cli, arguments).output


def test_workers_of_another_version_are_refused(client, monkeypatch):
    here = {"code": {"simulate/run.py": "another"}}
    monkeypatch.setattr("scenarios.provenance.fingerprints", lambda: here)
    with (
        pytest.raises(ScenarioError, match="has another version of flexpension"),
        cluster(scheduler=client.scheduler.address),
    ):
        pass


def test_processes_can_be_started_for_one_run():
    with cluster(workers=1) as client:
        assert len(client.nthreads()) == 1
    assert client.status == "closed"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 0}, "0 is no whole number from 1 to 1024"),
        ({"workers": 1, "scheduler": "tcp://127.0.0.1:9"}, "is named beside --scheduler"),
        ({"scheduler": "tcp://127.0.0.1:9"}, "does not answer"),
        ({"scheduler": "nonsense://"}, "does not answer"),
    ],
)
def test_wrong_workers_are_told(options, message, monkeypatch):
    monkeypatch.setattr(clusters, "SECONDS_TO_ANSWER", 1)
    with pytest.raises(ScenarioError, match=message), cluster(**options):
        pass


def test_a_scheduler_that_does_not_answer_is_told_in_one_line():
    arguments = ["-m", "scenarios.cli", "run", "current-law", "--scheduler", "tcp://127.0.0.1:9"]
    told = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1
    assert "does not answer" in told.stderr
