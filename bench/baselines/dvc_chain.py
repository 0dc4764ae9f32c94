"""The time of `dvc repro` on a chain of stages in which all is fresh, or, with the argument `cold`,
in which every stage runs.

Every stage copies a file. The results are committed to DVC's cache beforehand.
"""

import os
import subprocess
import sys

from chain_tool import find, serve

dvc = find("dvc")
length = int(sys.argv[1])
cold = ["--force"] if sys.argv[2:] == ["cold"] else []
version = subprocess.run([dvc, "--version"], capture_output=True, text=True).stdout.strip()


def prepare(folder, call):
    stages = ["stages:\n"]
    for i in range(length):
        deps = "" if i == 0 else f"    deps: [s{i - 1}.txt]\n"
        command = "echo 1 > s0.txt" if i == 0 else f"cp s{i - 1}.txt s{i}.txt"
        stages.append(f"  s{i}:\n    cmd: {command}\n{deps}    outs: [s{i}.txt]\n")
        with open(os.path.join(folder, f"s{i}.txt"), "w") as file:
            file.write("1\n")
    with open(os.path.join(folder, "dvc.yaml"), "w") as file:
        file.writelines(stages)
    call(dvc, "init", "--no-scm")
    call(dvc, "config", "core.analytics", "false")
    call(dvc, "commit", "--force")


serve(f"DVC {version}, dvc repro, {length} stages", prepare, [dvc, "repro"] + cold)
