"""Tab completion, asked by a real bash."""

import os
import shutil
import subprocess
import sys

import pytest

from prh.commands.completion import install, script
from prh.errors import PrhError

ASK = """
source "$1"
complete -p prh
shift
for line in "$@"; do
    COMP_LINE="$line" COMP_WORDS=($line)
    [[ "$line" == *" " ]] && COMP_WORDS+=("")
    COMP_POINT=${#line} COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
    hydra_bash_completion
    echo "${COMPREPLY[*]}"
done
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_a_shell_completes_commands_groups_and_their_words(tmp_path, monkeypatch, capsys):
    program = tmp_path / "bin" / "prh"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom prh.commands.dispatch import main\nmain()\n")
    program.chmod(0o755)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    install(["bash"])
    written = tmp_path / "bash-completion" / "completions" / "prh"
    assert str(written) in capsys.readouterr().out
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    lines = "prh model=resnet1", "prh run model=resnet1", "prh doc", "prh list me"
    done = subprocess.run(
        ["bash", "-c", ASK, "bash", str(written), *lines],
        env={**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    rule, *replies = done.stdout.splitlines()
    assert rule.endswith("hydra_bash_completion prh")
    assert replies == ["model=resnet18", "model=resnet18", "doctor", "metrics"]


def test_fish_has_a_script_of_its_own_and_other_shells_none():
    assert "complete -c prh" in script("fish")
    with pytest.raises(PrhError, match="name one of bash, zsh, fish"):
        install(["tcsh"])
