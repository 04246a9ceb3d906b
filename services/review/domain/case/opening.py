"""立案: a submission opens the case, its next round, or the same round again after a withdrawal."""

from libs.events.contracts.base import Event
from libs.events.contracts.review import CaseOpened, RoundOpened
from libs.events.decider import Facts
from services.review.domain.case.commands import OpenCase
from services.review.domain.case.notes import declined
from services.review.domain.case.state import WITH_ENTERPRISE, CaseState
from services.review.domain.chain import ChainUnsound, NoChain, chain_of, stages_of


def open_case(command: OpenCase, case: CaseState, facts: Facts) -> list[Event]:
    try:
        if case.status == "none":
            return [_opened(command, facts)]
        if case.status in WITH_ENTERPRISE and command.round >= case.round:
            return [_round_opened(command, case, facts)]
    except (NoChain, ChainUnsound) as refusal:
        return declined(command, command.submission, refusal.code)
    return declined(command, command.submission, "review.not-with-the-enterprise")


def _opened(command: OpenCase, facts: Facts) -> Event:
    chain = chain_of(facts.policies, command.authority, command.kind, command.tier)
    return CaseOpened(
        command.received_at,
        application=command.application,
        enterprise=command.enterprise,
        enterprise_name=command.enterprise_name,
        kind=command.kind,
        tier=command.tier,
        authority=command.authority,
        region=command.region,
        region_names=command.region_names,
        window=command.window,
        batch=command.batch,
        route=chain.route,
        resubmission=chain.resubmission,
        correction_days=chain.correction_days,
        submission=command.submission,
        policies=(chain.pin,),
        pack=command.pack,
        filing=command.filing,
    )


def _round_opened(command: OpenCase, case: CaseState, facts: Facts) -> Event:
    """Another region means another chain, from its first step; else the policy pinned at opening says where."""
    moved = (command.region, command.authority) != (case.region, case.authority)
    chain = chain_of(facts.policies, command.authority, case.kind, case.tier) if moved else None
    route = chain.route if chain else case.route
    stages = stages_of(route)
    stays = not moved and case.status == "returned" and case.resubmission == "returning_level"
    return RoundOpened(
        command.received_at,
        application=command.application,
        enterprise=command.enterprise,
        enterprise_name=command.enterprise_name,
        authority=command.authority,
        region=command.region,
        region_names=command.region_names,
        round=command.round,
        level=stages[case.stage if stays else 0].level,
        route=route,
        changed=command.changed,
        submission=command.submission,
        policies=(chain.pin,) if chain else (),
    )
