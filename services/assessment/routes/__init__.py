"""The routes of assessment, by what they are about."""
