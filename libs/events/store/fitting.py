"""Whether a document can be held at all: types that BSON knows, 64-bit integers, 16 MiB."""

from collections.abc import Mapping
from typing import Any

import bson
from bson.errors import BSONError

from libs.events.store.ports import Unstorable

LARGEST = 16 * 1024 * 1024
UNFIT = (BSONError, OverflowError, TypeError, ValueError)


def check(document: Mapping[str, Any]) -> None:
    """Raises Unstorable."""
    try:
        size = len(bson.encode(document))
    except UNFIT as error:
        raise Unstorable(str(error)) from error
    if size > LARGEST:
        raise Unstorable(f"a document of {size} bytes; the limit is {LARGEST}")
