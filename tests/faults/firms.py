"""Enterprises of the load: as many as a long run needs, each with valid codes of nobody."""

from deploy.demo.companies import Numbered as Firm

__all__ = ["Firm"]
