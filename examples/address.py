"""Where the broker is: `TIDU_KAFKA`, or what `tidu status` says of the stack in the current folder."""

import json
import os
import subprocess
import sys


def kafka_address() -> str:
    if "TIDU_KAFKA" in os.environ:
        return os.environ["TIDU_KAFKA"]
    command = [sys.executable, "-m", "deploy.cli.main", "status", "--format", "json"]
    return str(json.loads(subprocess.check_output(command))["kafka"])
