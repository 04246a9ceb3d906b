"""The routes of `applications`, by what they are about; no rules here."""
