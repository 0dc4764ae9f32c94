"""The time of `snakemake` on a chain of rules in which all is fresh, or, with the argument `cold`,
in which every rule runs. Every rule copies a file."""

import os
import subprocess
import sys

from chain_tool import find, serve

snakemake = find("snakemake")
length = int(sys.argv[1])
version = subprocess.run([snakemake, "--version"], capture_output=True, text=True).stdout.strip()
run = [snakemake, "--cores", "1", "--quiet"]
cold = ["--forceall"] if sys.argv[2:] == ["cold"] else []


def prepare(folder, call):
    rules = [f'rule all:\n    input: "s{length - 1}.txt"\n']
    for i in range(length):
        rules.append(f'rule s{i}:\n    output: "s{i}.txt"\n')
        if i > 0:
            rules.append(f'    input: "s{i - 1}.txt"\n')
        rules.append(f'    shell: "{"echo 1" if i == 0 else "cat {input}"} > {{output}}"\n')
        with open(os.path.join(folder, f"s{i}.txt"), "w") as file:
            file.write("1\n")
    with open(os.path.join(folder, "Snakefile"), "w") as file:
        file.writelines(rules)
    # Records the files as results without running the rules, one process each.
    call(*run, "--touch")


serve(f"Snakemake {version}, {length} rules", prepare, run + cold)
