"""Scores as the log has them: of every application the latest, with all that it was computed from."""

import msgspec

from libs.events.codec import decode
from libs.events.contracts.assessment import ApplicationScored
from libs.events.store.ports import CommitStore
from services.assessment.domain.scores import decider
from services.assessment.domain.scores.state import ScoreState


async def latest_scores(store: CommitStore) -> list[ApplicationScored]:
    """In the order of their streams; an application whose latest submission was not scored has none."""
    states: dict[str, ScoreState] = {}
    for shard in range((await store.meta()).shards):
        for commit in await store.read_streams(shard, f"{decider.category}-", f"{decider.category}."):
            state = states.get(commit.stream, decider.initial())
            for event in (decode(one.type, one.body) for one in commit.events):
                state = state if event is None else decider.evolve(state, event)
            states[commit.stream] = state
    return [
        msgspec.structs.replace(state.scored, region=state.region)
        for _, state in sorted(states.items())
        if state.scored is not None
    ]
