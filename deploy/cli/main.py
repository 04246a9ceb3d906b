"""`tidu`: every command lives in a module of its own, imported only when it is called."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

# Command, module under `deploy.cli`, what `tidu --help` says. A module offers `app` (a typer app) or a
# function with the command's name; one that is not there yet is left out.
COMMANDS = (
    ("up", "stack", "Start the stack and wait until it is ready. 启动"),
    ("down", "stack", "Stop the stack; its data stays. 停止"),
    ("status", "stack", "Addresses, processes, memory, seconds to ready. 状态"),
    ("logs", "stack", "Show or follow the logs of one process or of all. 日志"),
    ("demo", "demo", "Drive real cases from county to province, then replay and verify. 演示"),
    ("replay", "replay", "Replay a case from the logs of all services. 回放"),
    ("verify", "verify", "Verify the hash chain of every shard in store and topic. 校验"),
    ("export", "export", "Export logs into plain files that prove themselves. 导出"),
    ("heads", "heads", "The signed heads of all logs: sign, list, check. 签名头"),
    ("parked", "parked", "Events that could not be applied: list and retry. 搁置事件"),
    ("backup", "backup", "Back up a service into one file. 备份"),
    ("restore", "restore", "Restore a service's store from its topic, or from a backup. 恢复"),
    ("rebuild", "rebuild", "Rebuild a read model from zero. 重建"),
    ("republish", "republish", "Publish a log to its topic again. 重新发布"),
    ("shred", "shred", "Erase a person's values for ever, or place and lift a hold. 删除个人信息"),
    ("rehearse", "rehearse", "Rehearse the deadline evening, with plots. 演练"),
    ("data", "data", "Check the reference data: counts, references, editions. 参考数据"),
    ("schemas", "schemas", "Write or check the published schemas. 事件模式"),
    ("rules", "rules", "Check, explain and compare the rules of law. 规则"),
)


class Lazy(TyperGroup):
    """Names and help are known here; a module is imported when one of its commands is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, module, _ in COMMANDS if _exists(module)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for name, module, words in COMMANDS:
            if name == cmd_name and _exists(module):
                return TyperCommand(name=name, help=words)
        return None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, found, rest = super().resolve_command(ctx, args)
        return name, found and _load(str(name)), rest


def _exists(module: str) -> bool:
    return find_spec(f"deploy.cli.{module}") is not None


def _load(name: str) -> Any:
    where = next(module for command, module, _ in COMMANDS if command == name)
    module = import_module(f"deploy.cli.{where}")
    if hasattr(module, "app"):
        return typer.main.get_command(module.app)
    single = typer.Typer(add_completion=False)
    single.command(name)(getattr(module, name))
    return typer.main.get_command(single)


app = typer.Typer(
    cls=Lazy,
    name="tidu",
    no_args_is_help=True,
    add_completion=False,
    help="梯度 Tidu: declaration, review and certification of high-quality SMEs.",
)


@app.callback()
def _root() -> None:
    """梯度 Tidu: declaration, review and certification of high-quality SMEs. 优质中小企业梯度培育"""


if __name__ == "__main__":
    app()
