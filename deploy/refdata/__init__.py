"""Reference data as shipped, looked at as a whole: counts against the standards, and every reference between files."""

from deploy.refdata.checking import Report, check

__all__ = ["Report", "check"]
