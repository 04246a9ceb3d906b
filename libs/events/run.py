"""`python -m services.<name> api | relay | consume | all`: one image, one command, four roles."""

import gc
from importlib import import_module


def main(name: str) -> None:
    """Run one service. Nothing of what importing builds is garbage: looking for some takes a fifth of the start."""
    gc.disable()
    import_module("libs.events.serving").serve(name)
