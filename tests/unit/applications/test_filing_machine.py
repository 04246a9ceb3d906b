"""Whatever comes in whatever order: at most one filing is open, rounds only rise, what was decided stays decided."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from libs.events.contracts import applications as said
from libs.events.contracts.base import Event
from libs.events.decider import Facts, Policies
from libs.events.errors import Refused
from services.applications.domain import filings
from services.applications.domain.filings import commands as c
from services.applications.domain.filings.state import FilingState
from tests.unit.applications import kit as k

READS = k.reads()
MOMENTS = (k.INSIDE, k.CLOSES, k.LATER)
DECIDED = ("approved", "rejected", "voided")


class FilingMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state: FilingState = filings.decider.initial()
        self.history: list[Event] = []

    def send(self, command: Any) -> None:
        before = self.state
        try:
            events = filings.decider.decide(command, before, Facts(READS, Policies(k.POLICIES, command.received_at)))
        except Refused:
            return
        for event in events:
            self.state = filings.decider.evolve(self.state, event)
        self.history += events
        self.compare(before, events)

    def compare(self, before: FilingState, events: list[Event]) -> None:
        after = self.state
        if after.application == before.application:
            assert after.round >= before.round
            if before.status in DECIDED:
                assert after.status == before.status
        else:
            assert not before.is_open
            assert after.count == before.count + 1
        if any(isinstance(event, said.ApplicationWithdrawn) for event in events):
            assert before.status == "withdrawal_requested"

    def about(self, at: Any = k.INSIDE) -> dict[str, Any]:
        return {**k.head(at), "filing": k.FILING, "application": self.state.application or k.APPLICATION}

    @rule(at=st.sampled_from(MOMENTS), revenue=st.sampled_from(("50.00", "60.00")))
    def submit(self, at: Any, revenue: str) -> None:
        self.send(k.submit(at=at, answers={**k.answers_for("innovative-2022"), "revenue_y1": revenue}))

    @rule(at=st.sampled_from(MOMENTS), knows=st.booleans())
    def withdraw(self, at: Any, knows: bool) -> None:
        windowed = {**self.about(at), "authority": k.JIANGSU, "window": "w1"}
        self.send(c.RequestWithdrawal(**windowed, knows_it_is_final=knows))

    @rule()
    def recall(self) -> None:
        self.send(c.RequestRecall(**self.about()))

    @rule(level=st.sampled_from(("county", "city")), late=st.integers(0, 1))
    def start(self, level: str, late: int) -> None:
        self.send(c.NoteReviewStart(**self.about(), round=self.state.round - late, level=level, cause="e"))

    @rule(unlocked=st.sampled_from(((), ("revenue_y1",))), deadline=st.sampled_from((None, k.LATER)))
    def give_back(self, unlocked: tuple[str, ...], deadline: Any) -> None:
        content = {"unlocked": unlocked, "region_unlocked": False, "deadline": deadline, "reasons": (k.REASON,)}
        self.send(c.NoteReturn(**self.about(), round=self.state.round, level="county", cause="e", **content))

    @rule(refused=st.sampled_from((None, "review.review-started")))
    def answer_withdrawal(self, refused: str | None) -> None:
        self.send(c.NoteWithdrawal(**self.about(), round=self.state.round, refused=refused, cause="e"))

    @rule(accepted=st.booleans())
    def answer_recall(self, accepted: bool) -> None:
        self.send(c.NoteRecall(**self.about(), round=self.state.round, accepted=accepted, cause="e"))

    @rule(kind=st.sampled_from((c.NoteApproval, c.NoteRejection, c.VoidApplication)))
    def end(self, kind: Any) -> None:
        more = {"cause": "e", "reasons": (), "reason": "x"}
        self.send(kind(**self.about(), **{n: v for n, v in more.items() if n in kind.__struct_fields__}))

    @rule(at=st.sampled_from(MOMENTS))
    def time_passes(self, at: Any) -> None:
        self.send(k.tick(k.FILING, "window-end", at))
        self.send(c.SettleWindowEnd(**self.about(at), authority=k.JIANGSU, window="w1"))

    @invariant()
    def the_log_holds_all_of_it(self) -> None:
        assert filings.decider.fold(self.history) == self.state

    @invariant()
    def a_filing_that_was_reviewed_is_never_withdrawn(self) -> None:
        if self.state.status == "withdrawn":
            assert self.state.returned is None

    @invariant()
    def every_open_filing_has_its_submission(self) -> None:
        if self.state.is_open:
            assert self.state.submission is not None
            assert msgspec.json.encode(self.state.submission)


TestFilingMachine = FilingMachine.TestCase
TestFilingMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
