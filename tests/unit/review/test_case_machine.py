"""A state machine over the whole case: whatever anybody tries in any order, the chain's promises hold."""

from typing import Any, get_args

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from libs.events.contracts import review as r
from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event
from libs.events.decider import Facts, Policies
from libs.events.errors import Refused
from libs.events.testing.scenario import _as_stored
from services.review.domain.case import decider
from services.review.domain.case.state import FINAL
from services.review.domain.offices import sits
from tests import histories as h
from tests.unit.review import kit
from tests.unit.review.test_finishing import announce, begin_notice, end_notice

NAMES = ("ann", "bob", "eve")
OFFICERS = [kit.officer(level, name) for level in ("county", "city", "province") for name in NAMES]
STRANGERS = [
    kit.officer("county", "sly", region="320102"),
    kit.officer("city", "sly", authority=h.XIAMEN),
    kit.publisher("county"),
]
COUNTY_OF_WUZHONG = [kit.officer("county", name, region="320506") for name in NAMES]
FACTS = Facts({}, Policies(kit.POLICIES, kit.LATER))
BY = st.sampled_from([*OFFICERS, *STRANGERS, *COUNTY_OF_WUZHONG])
ROUND = st.integers(1, 3)
LIST = st.sampled_from([h.NOTICE_LIST, h.FINAL_LIST, "list-320000-320000-2024.2-notice"])
ORDER = {"county": 0, "city": 1, "province": 2}


class CaseMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.history: list[Event] = []
        self.state = decider.initial()
        self.round = 1

    def do(self, command: Any, must_answer: bool = False) -> list[Event]:
        before = self.state
        try:
            events = decider.decide(command, before, FACTS)
        except Refused:
            assert not must_answer, f"{type(command).__name__} came from a reaction and was refused"
            return []
        assert events or not must_answer
        for event in events:
            self.history.append(_as_stored(event))
            self.state = decider.evolve(self.state, self.history[-1])
        self.check_step(before, events)
        return events

    def check_step(self, before: Any, events: list[Event]) -> None:
        """Final stays final (but a lapse); only officers of the place change what is theirs to change."""
        undone = any(isinstance(event, r.CaseReopened) for event in events)
        if before.status in FINAL and not undone:
            assert self.state.status in FINAL
            assert before.status == self.state.status or before.closed_why == "lapsed"
        if undone:
            assert before.closed_why == "lapsed"

    @initialize(policy=st.sampled_from(["returning_level", "first_level"]))
    def open(self, policy: str) -> None:
        [event] = h.opened(resubmission=policy)
        self.history.append(event)
        self.state = decider.evolve(self.state, event)

    @rule(by=BY)
    def start(self, by: Actor) -> None:
        self.do(kit.start(by))

    @rule(by=BY)
    def take_over(self, by: Actor) -> None:
        self.do(kit.take_over(by))

    @rule(before=BY, successor=BY, until=st.sampled_from([h.at(0), kit.LATER]))
    def hand_on(self, before: Actor, successor: Actor, until: Any) -> None:
        """Only who held the case, and in the office that passed, is followed by somebody."""
        stage, held = self.state.current, self.state.holder == before.id
        handed = kit.hand_on(before=before.id, successor=successor.id, office=before.office, until=until)
        if self.do(handed):
            assert held and stage is not None and sits(before, self.state.authority, stage.level, self.state.region)
            assert self.state.holder == successor.id

    @rule(by=BY, result=st.sampled_from(get_args(r.SiteResult)))
    def check_site(self, by: Actor, result: r.SiteResult) -> None:
        self.do(kit.check_site(by, result))

    @rule(by=BY)
    def approve(self, by: Actor) -> None:
        self.do(kit.approve(by))

    @rule(steps=st.integers(1, 6), names=st.permutations([*NAMES, "zoe"]))
    def go_on_as_one_should(self, steps: int, names: list[str]) -> None:
        """So that long walks reach the notice, the announcement and what lies behind them."""
        for n in range(steps):
            self.next_step(names[n % len(names)])

    def next_step(self, name: str) -> None:
        stage = self.state.current
        if self.state.status in ("returned", "withdrawn"):
            self.resubmit(moves=False)
        elif stage is None or not self.state.is_open:
            return
        elif stage.duty == "review":
            by = kit.officer(stage.level, name, region=self.state.region if stage.level == "county" else "")
            for command in (kit.start(by), kit.take_over(by), kit.check_site(by), kit.approve(by)):
                self.do(command)
        elif stage.duty == "publicity":
            for command in (kit.join(h.NOTICE_LIST), begin_notice(), end_notice()):
                self.do(command, must_answer=True)
        else:
            for command in (kit.join(h.FINAL_LIST), announce()):
                self.do(command, must_answer=True)

    @rule(by=BY, wrong_region=st.booleans())
    def send_back(self, by: Actor, wrong_region: bool) -> None:
        reason = r.Reason("region-wrong", "") if wrong_region else r.Reason("figures-inconsistent", "", "revenue")
        self.do(kit.send_back(by, reason))

    @precondition(lambda self: len(self.history) > 12)
    @rule(by=BY)
    def reject(self, by: Actor) -> None:
        self.do(kit.reject(by))

    @rule(by=BY, region=st.sampled_from([h.COUNTY, "320506", "330106"]))
    def transfer(self, by: Actor, region: str) -> None:
        self.do(kit.transfer(by, region))

    @rule(round=ROUND)
    def withdraw(self, round: int) -> None:
        started = any(isinstance(event, r.ReviewStarted) for event in self.history)
        [answer] = self.do(kit.withdraw(round), must_answer=True)
        assert not (started and isinstance(answer, r.WithdrawalAccepted))

    @rule(round=ROUND)
    def recall(self, round: int) -> None:
        self.do(kit.recall(round), must_answer=True)

    @rule(moves=st.booleans())
    def resubmit(self, moves: bool) -> None:
        """As `applications` counts: the round rises after a return."""
        round = self.state.round + (self.state.status == "returned")
        region = ("320506" if self.state.region == h.COUNTY else h.COUNTY) if moves else self.state.region
        events = self.do(kit.submit(round, region), must_answer=True)
        if moves and isinstance(events[0], r.RoundOpened):
            assert (self.state.stage, self.state.approvals) == (0, ())

    @precondition(lambda self: len(self.history) > 12)
    @rule(why=st.sampled_from(["lapsed", "voided"]))
    def close(self, why: str) -> None:
        self.do(kit.close(why), must_answer=True)

    @rule()
    def reopen(self) -> None:
        self.do(kit.reopen(), must_answer=True)

    @rule(list_=LIST)
    def join(self, list_: str) -> None:
        self.do(kit.join(list_), must_answer=True)

    @rule(list_=LIST)
    def begin_notice(self, list_: str) -> None:
        self.do(begin_notice(list_), must_answer=True)

    @rule(list_=LIST)
    def end_notice(self, list_: str) -> None:
        self.do(end_notice(list_), must_answer=True)

    @rule(list_=LIST)
    def announce(self, list_: str) -> None:
        self.do(announce(list_), must_answer=True)

    @rule(round=ROUND)
    def score(self, round: int) -> None:
        self.do(kit.score(round), must_answer=True)

    @invariant()
    def never_approved_at_a_level_without_all_the_lower_ones(self) -> None:
        for chain in self.chains():
            reached = -1
            for event in chain:
                if isinstance(event, r.LevelApproved):
                    assert ORDER[event.level] <= reached + 1
                    reached = max(reached, ORDER[event.level])

    @invariant()
    def approved_as_a_whole_only_by_the_whole_chain(self) -> None:
        chain = list(self.chains())[-1]
        if any(isinstance(event, r.ApplicationApproved) for event in chain):
            assert {e.level for e in chain if isinstance(e, r.LevelApproved)} == set(ORDER)
            assert any(isinstance(event, r.PublicityEnded) for event in chain)

    @invariant()
    def nobody_approves_at_two_levels_of_a_chain(self) -> None:
        for chain in self.chains():
            levels: dict[str, str] = {}
            for event in chain:
                if isinstance(event, r.LevelApproved):
                    assert levels.setdefault(event.officer, event.level) == event.level

    @invariant()
    def at_most_one_holder_and_only_in_review(self) -> None:
        assert (self.state.holder is not None) == (self.state.status == "in_review")

    @invariant()
    def ends_are_said_once(self) -> None:
        ends = [e for e in self.history if isinstance(e, r.ApplicationApproved | r.ApplicationRejected)]
        assert len(ends) <= 1

    def chains(self) -> list[list[Event]]:
        """The events of each chain: a transfer or a resubmission elsewhere begins a new one."""
        chains: list[list[Event]] = [[]]
        region = h.COUNTY
        for event in self.history:
            if isinstance(event, r.CaseTransferred | r.RoundOpened):
                if event.region != region:
                    chains.append([])
                region = event.region
            chains[-1].append(event)
        return chains


CaseMachine.TestCase.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCase = CaseMachine.TestCase
