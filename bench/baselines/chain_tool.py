"""What the scripts that measure another pipeline tool have in common."""

import os
import shutil
import subprocess
import sys
import tempfile
import time


def find(name):
    """The tool beside this Python, or on the path."""
    beside = os.path.join(os.path.dirname(sys.executable), name)
    found = beside if os.path.exists(beside) else shutil.which(name)
    if found is None:
        sys.exit(f"{name} is not installed")
    return found


def serve(description, prepare, command):
    """Prepares a chain in a folder of its own, then answers each line with the ms of a no-op."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "HOME": folder}

        def call(*arguments):
            done = subprocess.run(
                arguments, cwd=folder, env=environment, capture_output=True, text=True
            )
            if done.returncode != 0:
                sys.exit((done.stdout + done.stderr).strip())

        prepare(folder, call)
        print(description, flush=True)
        for _ in sys.stdin:
            start = time.perf_counter()
            call(*command)
            print(1000 * (time.perf_counter() - start), flush=True)
