"""The guards of 提交: each gives its refusals, so that all of them can be answered together."""

from collections.abc import Iterator

from libs.events.contracts.actors import covers
from libs.events.contracts.times import day_end, day_start
from libs.events.errors import Refused
from services.applications.domain import reference
from services.applications.domain.answers import Fault, answer_faults, canonical, evidence_faults
from services.applications.domain.enterprises.refusals import VERIFY, NoProfile, NotVerified
from services.applications.domain.filings.refusals import (
    MANUAL,
    Banned,
    CorrectionLate,
    EvidenceIncomplete,
    FieldsLocked,
    FormIncomplete,
    JurisdictionNotConfirmed,
    NotOpenYet,
    OtherFilingOpen,
    PrerequisiteMissing,
    ProfileMoved,
    RegionNotCovered,
    WindowDoesNotFit,
    WindowEnded,
    WindowNeeded,
)
from services.applications.domain.filings.submission import Submission, changes, filled_answers, filled_personal
from services.applications.domain.prerequisites import asks_for_assessment, check
from services.applications.domain.windows.refusals import UnknownWindow


def account(s: Submission) -> Iterator[Refused]:
    """仅支持【法人账户】申报，须完成实名认证."""
    if not s.enterprise.stands_for(s.command.account):
        yield NotVerified(rule=f"{MANUAL}：实名认证", way_out=VERIFY, contact=s.contact)


def profile(s: Submission) -> Iterator[Refused]:
    if s.enterprise.profile is None:
        yield NoProfile(rule=f"{MANUAL}：完善企业基本信息", way_out="请先完善企业基本信息", contact=s.contact)
    elif s.command.profile_version not in (None, s.enterprise.profile_version):
        yield ProfileMoved(way_out="请刷新后核对企业基本信息，再提交", shown=s.command.profile_version)


def window(s: Submission) -> Iterator[Refused]:
    """Inside the window, both ends included, by the time of receipt; a correction after a return needs none."""
    if s.command.window is None:
        if s.form is None:
            yield WindowNeeded(way_out="请选择一个申报时间", contact=s.contact)
        return
    if s.window is None or s.window.opened is None or s.window.closes is None:
        yield UnknownWindow(contact=s.contact)
        return
    opened, closes, at = s.window.opened, s.window.closes, s.command.received_at
    if (opened.kind, opened.tier) != (s.command.kind, s.command.tier):
        yield WindowDoesNotFit(f"“{opened.title}”用于其他申报", contact=opened.contact)
    known = s.enterprise.profile
    if known is not None and not any(covers(region, known.region) for region in opened.regions):
        yield RegionNotCovered(
            f"“{opened.title}”不覆盖{''.join(known.region_names)}",
            since=opened.opens, until=closes, contact=opened.contact,
            way_out="请核对企业注册地，或选择注册地所在地区的申报时间",
        )  # fmt: skip
    elif known is not None and known.authority != opened.authority:
        yield WindowDoesNotFit(
            "该申报时间不属于企业选择的可申报省市", contact=opened.contact, way_out="请核对企业基本信息中的可申报省市"
        )
    if not opened.opens <= at <= closes:
        early = at < opened.opens
        yield (NotOpenYet if early else WindowEnded)(
            rule=f"申报时间：{opened.title}",
            since=opened.opens,
            until=closes,
            contact=opened.contact,
            way_out="请在申报时间开始后提交，草稿会保留" if early else "草稿内容可带入下一批次，请留意新的申报时间",
        )


def no_other_filing(s: Submission) -> Iterator[Refused]:
    if s.filing.is_open and s.filing.status not in ("returned", "withdrawn"):
        yield OtherFilingOpen(
            since=s.filing.since,
            contact=s.contact,
            way_out="请查看申报记录；如需修改，可在审核开始前撤回，或请主管部门退回",
            application=s.filing.application,
            state=s.filing.status,
        )


def prerequisites(s: Submission) -> Iterator[Refused]:
    """前置条件 that the window names, each answered on its own."""
    if s.window is None or s.window.opened is None:
        return
    for one in check(s.window.opened.prerequisites, s.enterprise, s.command.authority, s.today, s.policies):
        if not one.met:
            yield PrerequisiteMissing(
                one.missing, rule=one.rule, way_out=one.way_out, contact=s.contact, prerequisite=one.code
            )


def ban(s: Submission) -> Iterator[Refused]:
    """No new application for the years a cancellation named."""
    found = s.enterprise.ban_on(s.today)
    if found is not None:
        yield Banned(
            f"因{found.reason}，{found.until.isoformat()} 前（含当日）不得申报",
            rule="《优质中小企业梯度培育管理暂行办法》：取消公告或认定",
            since=day_start(found.since),
            until=day_end(found.until),
            contact=s.contact,
            way_out="期满后可重新申报；如有异议请联系作出决定的机关",
        )


def form(s: Submission) -> Iterator[Refused]:
    """Every field error listed with its name."""
    if s.form is not None:
        answers, personal = filled_answers(s), filled_personal(s)
        faults = answer_faults(s.form, answers, personal, s.command.personal_faults)
        own = [fault for fault in faults if not _answered_elsewhere(fault, s)]
        if own:
            yield FormIncomplete(own, rule=s.form.title)


def _answered_elsewhere(fault: Fault, s: Submission) -> bool:
    """A gap that only the profile or the assessment can fill, and that another guard already names."""
    field = s.form.field(fault.field) if s.form else None
    opened = s.window.opened if s.window else None
    match field.origin if field else "form":
        case "profile":
            return s.enterprise.profile is None
        case "digital":
            return opened is not None and asks_for_assessment(opened.prerequisites, s.policies) and s.corrects is None
        case _:
            return False


def evidence(s: Submission) -> Iterator[Refused]:
    if s.form is not None:
        faults = evidence_faults(s.form, filled_answers(s), s.command.evidence)
        if faults:
            yield EvidenceIncomplete(faults, rule=s.form.title)


def jurisdiction(s: Submission) -> Iterator[Refused]:
    """注册地 confirmed: the profile's, on a correction the filing's, or where it was unlocked any of the authority."""
    if s.corrects is not None and s.filing.region_is_unlocked:
        yield from _corrected_region(s)
        return
    expected, names = s.known_region
    if not expected or s.command.region == expected:
        return
    if s.corrects is not None and s.command.region:
        yield FieldsLocked("企业注册地不在要求修改的内容之中", fields=["region"], way_out="请保持原注册地提交")
    else:
        yield _unconfirmed(s, f"请确认企业注册地为{''.join(names)}；由注册地的主管部门审核")


def _corrected_region(s: Submission) -> Iterator[Refused]:
    found = reference.region(s.policies, s.command.region)
    if found is None or not reference.lies_under(s.policies, s.command.region, s.command.authority):
        yield _unconfirmed(s, "请选择可申报省市之内的县（市、区）或功能区作为企业注册地")


def _unconfirmed(s: Submission, detail: str) -> Refused:
    return JurisdictionNotConfirmed(
        detail, rule=f"{MANUAL}：注册地为管理端审核区划", contact=s.contact, way_out="请核对并确认企业注册地"
    )


def only_unlocked(s: Submission) -> Iterator[Refused]:
    """After a return only what was named may change."""
    before = s.corrects
    if before is None or s.form is None:
        return
    given, personal = filled_answers(s), filled_personal(s)
    if answer_faults(s.form, given, personal, s.command.personal_faults):
        return
    free = s.filing.unlocked | {field.name for field in s.form.fields if field.profile == "region"}
    locked = [name for name in changes(before, canonical(s.form, given), personal, s) if name not in free]
    if locked:
        yield FieldsLocked(
            f"不在要求修改之列：{'、'.join(s.form.label_of(name) for name in locked)}",
            rule="退回修改：只开放退回原因涉及的内容",
            way_out="请把这些内容改回上次提交的内容；如确需修改，请联系主管部门",
            contact=s.contact,
            fields=locked,
        )


def correction_deadline(s: Submission) -> Iterator[Refused]:
    deadline = s.filing.deadline
    if s.corrects is not None and deadline is not None and s.command.received_at > deadline:
        yield CorrectionLate(since=s.filing.since, until=deadline, contact=s.contact, way_out="请联系退回的主管部门")
