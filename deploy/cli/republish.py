"""`tidu republish SERVICE`: a topic that was lost gets back what its store says, with the same numbers and bytes."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from deploy.cli.logs_access import open_logs, open_state
from deploy.cli.options import DATA, Data, known_service, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.audit.republish import NotRepublishable, Republished
from libs.events.audit.republish import republish as republish_log
from libs.events.audit.verify import Report, verify_service
from libs.events.errors import Unavailable
from libs.events.flow import topics
from libs.events.flow.places import Places


def republish(
    service: Annotated[str, typer.Argument(help="The service whose topic was lost.")], data: Data = DATA
) -> None:
    """Restore a service's topic from its store, then prove them equal. 重新发布"""
    known_service(service)
    with trouble_in_words():
        try:
            done, report = asyncio.run(_republish(load_running(data), service))
        except (NotRepublishable, Unavailable, topics.TopicsWrong) as error:
            typer.secho(f"not republished: {error}", fg="red", err=True)
            raise typer.Exit(1) from None
    for fault in report.faults:
        typer.secho(f"shard {fault.shard} position {fault.position}: {fault.what}", fg="red", err=True)
    before, after = sum(done.before), sum(done.after)
    print(f"the topic held {before} positions, holds {after} now; {len(report.faults)} faults")
    if report.faults:
        raise typer.Exit(1)


async def _republish(stack: Stack, service: str) -> tuple[Republished, Report]:
    topic = f"{service}.events"
    columns = (
        TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    async with open_logs(stack) as logs, open_state(stack, service) as state:
        store = logs[service]
        shards = (await store.meta()).shards
        # One that was deleted and not made anew: as the start of the deployment makes it.
        wanted = [t for t in topics.load("local", shards) if t.name == topic]
        await topics.run(stack.kafka, wanted)
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(f"重新发布 {service}", total=None)

            def progress(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            places = Places(topic, state.documents("relay"))
            done = await republish_log(store, places, stack.kafka, topic, progress)
        return done, await verify_service(service, store, stack.kafka, topic, "both")
