"""事项: how a filing is called in messages."""
