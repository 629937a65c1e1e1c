"""One line per job on the terminal, from whatever process, and all else in the jobs' logs."""

import io
import logging
import subprocess
import sys

import pytest
from rich.console import Console

from prh.console.jobs import FILE, JobTerminal, Told
from prh.console.watch import Watch, in_words


@pytest.fixture
def shown(tmp_path):
    """A watch over six jobs, one of which need not run, and what it has shown."""
    stream = io.StringIO()
    watch = Watch(tmp_path, 6, 1, Console(file=stream, width=200))
    watch.lines = lambda: stream.getvalue().splitlines()
    return watch


def hear(watch, *events):
    for job, event, at, text in events:
        watch.hear(Told(job, event, at, text))


def test_a_job_has_a_line_when_it_starts_and_one_when_it_ends(shown):
    hear(shown, (0, "start", 100, "n=300 · seed=1"), (0, "end", 114, "0.52 model × text"))
    hear(shown, (2, "start", 120, "n=300 · seed=2"), (2, "failed", 121, "dataset.n: [too] few"))
    assert shown.lines() == [
        "job 1 of 6 · n=300 · seed=1",
        "✓ job 1 of 6 · n=300 · seed=1 · 0.52 model × text · 14 s",
        "job 3 of 6 · n=300 · seed=2 · 56 s left",
        "✗ job 3 of 6 · n=300 · seed=2 · failed: dataset.n: [too] few · 1 s",
    ]


def test_what_is_left_is_shared_by_jobs_side_by_side(shown):
    hear(shown, (0, "start", 0, ""), (1, "start", 0, ""))
    assert shown.left(50) == ""
    hear(shown, (0, "end", 100, ""), (2, "start", 100, ""))
    # Of five to do one is done, one is as far as that was, one begins, two wait; two at a time.
    assert shown.left(100) == "2 min left"
    assert pytest.approx(150) == (200 + 100) / 2
    hear(shown, (1, "end", 110, ""), (2, "end", 130, ""))
    # The first job made what others share: those took 110 s and 30 s.
    hear(shown, (3, "start", 130, ""), (4, "start", 130, ""))
    assert shown.left(130) == "70 s left"
    hear(shown, (3, "end", 140, ""), (4, "end", 150, ""))
    assert shown.left(150) == ""


def test_what_every_job_warns_of_is_said_once(shown):
    for job in range(3):
        hear(shown, (job, "warning", 0, "weights are a substitute"))
    assert shown.lines() == ["warning job 1: weights are a substitute"]


def test_a_line_that_is_not_whole_is_waited_for_and_one_that_is_none_left_out(shown):
    with shown.file.open("w") as stream:
        stream.write('{"job": 0}\nnonsense\n{"job": 1, "event": "start", "at": 0, ')
    assert list(shown._new()) == []
    with shown.file.open("a") as stream:
        stream.write('"text": "seed=1"}\n')
    assert list(shown._new()) == [Told(1, "start", 0, "seed=1")]


def test_jobs_in_other_processes_are_heard_and_print_nothing_themselves(shown, tmp_path):
    code = (
        "import sys; from pathlib import Path; from prh.console.jobs import JobTerminal\n"
        "job = JobTerminal(Path(sys.argv[1]), int(sys.argv[2]))\n"
        "with job.telling('seed=' + sys.argv[2]):\n"
        "    with job.progress('Extracting', 9, 'images') as advance: advance(9)\n"
        "    job.note('a note'); job.warn('odd'); job.say('done'); job.end('0.5 model × text')\n"
    )
    shown.start()
    jobs = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path, str(job)], stdout=-1, stderr=-1)
        for job in range(2)
    ]
    assert [job.communicate() for job in jobs] == [(b"", b"")] * 2
    shown.stop()
    ends = sorted(line.rsplit(" · ", 1)[0] for line in shown.lines() if line.startswith("✓"))
    assert ends == [f"✓ job {job + 1} of 6 · seed={job} · 0.5 model × text" for job in range(2)]
    assert sum("odd" in line for line in shown.lines()) == 1


def test_a_jobs_log_has_its_stages_with_start_and_end(tmp_path, caplog):
    caplog.set_level(logging.INFO, "prh")
    job = JobTerminal(tmp_path, 0)

    def work():
        with job.progress("Extracting net", 3, "images"):
            assert caplog.messages == ["Extracting net (3 images)"]
        job.note("a note")
        with job.progress("Drawing", 0, ""):
            raise ValueError("broken\nbadly")

    with pytest.raises(ValueError, match="broken"), job.telling("n=1"):
        work()
    assert caplog.messages[1].startswith("Extracting net took ")
    assert caplog.messages[2:4] == ["a note", "Drawing"]
    assert caplog.messages[4].startswith("Drawing broke off after ")
    assert '"event": "failed"' in (tmp_path / FILE).read_text()
    assert "badly" not in (tmp_path / FILE).read_text()


def test_a_folder_that_is_not_there_costs_the_line_and_not_the_job(tmp_path):
    with JobTerminal(tmp_path / "elsewhere", 0).telling("n=1"):
        pass


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (99, "99 s"),
        (720, "12 min"),
        (7500, "2 h 5 min"),
        (6000, "1 h 40 min"),
    ],
)
def test_times_are_said_in_words(seconds, words):
    assert in_words(seconds) == words
