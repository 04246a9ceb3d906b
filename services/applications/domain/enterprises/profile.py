"""企业基本信息: what makes it valid, and how the stated basics become the profile."""

from datetime import date

import msgspec

from libs.events.contracts.applications import Profile
from libs.events.contracts.base import PolicyPin
from libs.events.decider import Policies
from services.applications.domain import reference
from services.applications.domain.checks import (
    amount,
    amount_fault,
    phone_fault,
    postcode_fault,
    read_code,
    read_phone,
    text_fault,
)
from services.applications.domain.enterprises.commands import Basics
from services.applications.domain.enterprises.state import EnterpriseState

FREE_FOR_HOLDERS = frozenset(
    (
        "contact",
        "contact_phone",
        "contact_mobile",
        "email",
        "legal_representative_phone",
        "legal_representative_mobile",
    )
)
"""联系人, phones and e-mail stay editable for title holders."""


def profile_of(basics: Basics, enterprise: EnterpriseState, policies: Policies) -> Profile:
    """The profile; the basics must have no faults."""
    region = reference.region(policies, basics.region)
    industry = reference.industry_name(policies, basics.industry)
    assert region is not None
    assert industry is not None
    stated = {name: getattr(basics, name) for name in basics.__struct_fields__}
    stated |= {"capital": amount(basics.capital), "postcode": read_code(basics.postcode), "fax": read_phone(basics.fax)}
    return Profile(
        name=enterprise.name,
        credit_code=enterprise.credit_code,
        region_names=region.names,
        industry_name=industry,
        **stated,
    )


def profile_faults(basics: Basics, today: date, policies: Policies) -> dict[str, str]:
    """Field → what is wrong with it, every field at once."""
    faults = {
        "address": text_fault(basics.address),
        "postcode": postcode_fault(basics.postcode),
        "segment": text_fault(basics.segment),
        "product": text_fault(basics.product),
        "capital": "注册资本不能为负数" if basics.capital.startswith("-") else amount_fault(basics.capital),
        "registered_on": "注册时间不能晚于今天" if basics.registered_on > today else None,
        "fax": phone_fault(basics.fax) if basics.fax else None,
        "authority": _authority_fault(basics.authority, policies),
        "region": _region_fault(basics, policies),
        "industry": _industry_fault(basics.industry, policies),
    }
    return {field: fault for field, fault in faults.items() if fault is not None}


def pins(policies: Policies) -> tuple[PolicyPin, ...]:
    """The tables a profile was judged by."""
    kinds = ("divisions", "zones", "authorities", "industries")
    return tuple(reference.newest(policies, kind).pin for kind in kinds)


def changed_fields(before: Profile, after: Profile) -> tuple[str, ...]:
    return tuple(name for name in msgspec.structs.asdict(after) if getattr(before, name) != getattr(after, name))


def _authority_fault(code: str, policies: Policies) -> str | None:
    return None if reference.authority(policies, code) else "请选择可申报省市"


def _region_fault(basics: Basics, policies: Policies) -> str | None:
    """注册地 decides who reviews: a wrong one hides the filing from its reviewer."""
    if reference.region(policies, basics.region) is None:
        return "请选择到区县一级，或管委会等功能区"
    if not reference.lies_under(policies, basics.region, basics.authority):
        return "企业注册地不在所选的可申报省市之内"
    return None


def _industry_fault(code: str, policies: Policies) -> str | None:
    return None if reference.industry_name(policies, code) else "请选择到国民经济行业分类的最后一级（小类）"
