"""移送: the filing came to the wrong jurisdiction (注册地有误); its case starts at the chain's first step there."""

from libs.events.contracts.base import Event
from libs.events.contracts.review import CaseTransferred
from libs.events.decider import Facts
from libs.events.errors import refuse_if, refuse_unless
from services.review.domain.case.acting import at_review, in_hand
from services.review.domain.case.commands import TransferCase
from services.review.domain.case.refusals import OtherAuthority, RegionUnchanged
from services.review.domain.case.state import CaseState
from services.review.domain.chain import chain_of
from services.review.domain.regions import authority_of, region_names


def transfer(command: TransferCase, case: CaseState, facts: Facts) -> list[Event]:
    """By a reviewer of the current level; once review has started, by the one who holds the case."""
    (in_hand if case.status == "in_review" else at_review)(command, case)
    refuse_if(command.region == case.region, RegionUnchanged())
    names = region_names(facts.policies, command.region)
    refuse_unless(
        authority_of(facts.policies, command.region) == case.authority,
        OtherAuthority(way_out="请以“注册地有误”退回，由企业更正"),
    )
    chain = chain_of(facts.policies, case.authority, case.kind, case.tier)
    return [
        CaseTransferred(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            enterprise_name=case.enterprise_name,
            authority=case.authority,
            before=case.region,
            region=command.region,
            region_names=names,
            reason=command.reason,
            route=chain.route,
            policies=(chain.pin,),
            filing=case.filing,
        )
    ]
