"""What lies where: of every kind of thing one at each place and in each state, and how a path names it."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from libs.events.contracts import assessment as scores
from libs.events.contracts import review
from libs.events.contracts.accounts import CheckRequested, LicenceScan
from libs.events.contracts.actors import Office
from libs.events.contracts.applications import Evidence
from libs.events.contracts.base import Event
from libs.events.contracts.notifications import MessagePosted, Recipient
from libs.events.ids import make_id
from services.applications.domain.streams import enterprise_stream, filing_stream, window_stream
from services.applications.drafts import Draft, new_draft
from services.assessment.domain.digital.commands import digital_stream
from services.assessment.domain.scores.commands import score_stream
from services.identity.domain.checks.commands import check_stream
from services.notifications.domain.messages.recipients import office_box
from services.review.domain.case.commands import case_stream
from services.review.domain.lists.commands import list_stream
from services.review.domain.titles.commands import title_stream
from tests import histories as h
from tests.authz.people import ENTERPRISES, SEATS
from tests.authz.runtime import QuietRuntime
from tests.unit.applications import kit
from tests.unit.assessment import kit as assessment_kit

OWNER = ENTERPRISES["owner"]
PROOF = b"%PDF-1.4 proof"
DIGEST = sha256(PROOF).hexdigest()
Params = dict[str, str]
Things = dict[tuple[str, str, str], Params]
"""(kind of thing, place, state) → the parameters of a path."""


def region_of(place: str) -> tuple[str, str]:
    authority, region, _ = SEATS["regions"][place]
    return authority, region


def about(event: Event, **fields: Any) -> Event:
    """The event with those of these fields that it has."""
    return msgspec.structs.replace(event, **{k: v for k, v in fields.items() if k in event.__struct_fields__})


async def cases(runtime: QuietRuntime) -> Things:
    found: Things = {}
    histories = {
        "none": [],
        "opened": h.opened(),
        "returned": [*h.in_review_at_county(), h.returned()],
        "certified": h.certified(),
    }
    for place in ("county", "zone"):
        authority, region = region_of(place)
        for state, history in histories.items():
            case = make_id("authz", "case", place, state)
            named = {"application": case, "enterprise": OWNER, "authority": authority, "region": region}
            events = [about(event, **named) for event in history]
            if events:
                await runtime.tell(case_stream(OWNER, case), events)
                second = {"answers": {}, "evidence": [], "personal": [], "changed": [], "round": 2, "region": region}
                await runtime.documents(_view(runtime, "submissions")).replace(
                    {"_id": case, "current": second, "before": {**second, "round": 1}}, upsert=True
                )
            found["case", place, state] = {"enterprise": OWNER, "application": case}
    return found


async def lists(runtime: QuietRuntime) -> Things:
    found: Things = {}
    for place in ("county", "zone", "city", "province"):
        authority, region = region_of(place)
        level = SEATS["regions"][place][2]
        for state in ("none", "frozen", "published"):
            stream = list_stream(authority, region, f"b{state}", "notice")
            frozen = review.ListFrozen(
                h.at(50), stream, authority, region, level, f"b{state}", "srdi", "0" * 64, 0, (), ()
            )
            starts, ends = date(2024, 5, 8), date(2024, 5, 13)
            published = review.ListPublished(
                h.at(51), stream, authority, region, level, f"b{state}", "srdi", starts, ends
            )
            events: list[Event] = [frozen, published][: ("none", "frozen", "published").index(state)]
            await runtime.tell(stream, events)
            found["list", place, state] = {
                "authority": authority,
                "region": region,
                "batch": f"b{state}",
                "purpose": "notice",
            }
    return found


async def titles(runtime: QuietRuntime) -> Things:
    found: Things = {}
    for place, tier in (("county", "innovative"), ("zone", "srdi")):
        authority, region = region_of(place)
        [granted] = h.granted()
        title = about(granted, enterprise=OWNER, tier=tier, authority=authority, region=region)
        await runtime.tell(title_stream(OWNER, tier), [title])
        found["title", place, "valid"] = {"enterprise": OWNER, "tier": tier}
        found["title", place, "none"] = {"enterprise": OWNER, "tier": f"no_{tier}"}
    return found


async def filings(runtime: QuietRuntime) -> Things:
    found: Things = {}
    proof = Evidence("proof", "a.pdf", DIGEST, len(PROOF), "application/pdf", "blob1")
    await runtime.state_store.blobs().put("blob1", await runtime.sealer.encrypt_blob(OWNER, PROOF))
    for place in ("county", "zone"):
        authority, region = region_of(place)
        for state in ("none", "submitted", "returned"):
            window, application = f"w{place}{state}", make_id("authz", "filing", place, state)
            path = {"enterprise": OWNER, "kind": "declaration", "tier": "innovative", "window": window}
            named = {
                "application": application,
                "enterprise": OWNER,
                "authority": authority,
                "region": region,
                "window": window,
            }
            events = [about(e, **named, evidence=(proof,)) for e in (kit.SUBMITTED, kit.started(), kit.returned())]
            await runtime.tell(
                filing_stream(*path.values()), events[: {"none": 0, "submitted": 1, "returned": 3}[state]]
            )
            found["filing", place, state] = {**path, "application": application, "sha256": DIGEST}
    return found


async def drafts(runtime: QuietRuntime) -> Things:
    """One that is there, and one that is not."""
    found: Things = {}
    proof = {
        "slot": "proof",
        "name": "a.pdf",
        "sha256": DIGEST,
        "size": 9,
        "media_type": "application/pdf",
        "blob": "blob1",
    }
    for state in ("there", "none"):
        draft = Draft(OWNER, "declaration", "innovative", f"d{state}")
        if state == "there":
            made = new_draft(draft, "320000", "a" * 32, kit.INSIDE, {"evidence": [proof]})
            await runtime.documents("drafts").insert(made)
        path = {"enterprise": OWNER, "kind": "declaration", "tier": "innovative", "window": f"d{state}"}
        found["draft", "", state] = {**path, "slot": "proof", "sha256": DIGEST if state == "there" else "f" * 64}
    await runtime.tell(window_stream("320000", "dthere"), [about(kit.window_opened(), window="dthere")])
    return found


async def enterprises(runtime: QuietRuntime) -> Things:
    """The owner's lies in 玄武区, another in the zone."""
    found: Things = {}
    zone = make_id("authz", "enterprise", "zone")
    for place, enterprise in (("county", OWNER), ("zone", zone)):
        authority, region = region_of(place)
        completed = about(kit.COMPLETED, enterprise=enterprise)
        profile = msgspec.structs.replace(kit.COMPLETED.profile, authority=authority, region=region)
        sealed = {
            name: await runtime.sealer.seal(enterprise, name, "张三")
            for name in ("legal_representative", "contact", "contact_mobile", "email")
        }
        completed = about(completed, profile=msgspec.structs.replace(profile, **sealed))
        await runtime.tell(enterprise_stream(enterprise), [about(kit.VERIFIED, enterprise=enterprise), completed])
        found["enterprise", place, "known"] = {"enterprise": enterprise}
    found["enterprise", "county", "unknown"] = {"enterprise": "9" * 32}
    return found


async def windows(runtime: QuietRuntime) -> Things:
    await runtime.tell(window_stream("320000", "w1"), [kit.window_opened()])
    return {("window", "authority", "open"): {"authority": "320000", "window": "w1"}}


async def results(runtime: QuietRuntime) -> Things:
    """Scores, and digital levels: one imported with its proof, whose officials are those of the score's place."""
    found: Things = {}
    [*scored] = assessment_kit.scored()
    for place in ("county", "zone"):
        authority, region = region_of(place)
        enterprise = OWNER if place == "county" else make_id("authz", "enterprise", "zone")
        application = make_id("authz", "score", place)
        named = {"application": application, "enterprise": enterprise, "authority": authority, "region": region}
        await runtime.tell(score_stream(enterprise, application), [about(e, **named) for e in scored])
        found["score", place, "scored"] = {"enterprise": enterprise, "application": application}
        found["score", place, "none"] = {"enterprise": enterprise, "application": "9" * 32}
        await runtime.state_store.blobs().put(f"blob{place}", await runtime.sealer.encrypt_blob(enterprise, PROOF))
        proof = scores.ImportedEvidence("a.pdf", DIGEST, len(PROOF), "application/pdf", f"blob{place}")
        level = scores.DigitalLevelImported(h.at(1), "as1", enterprise, 2, "55", "平台", "2024-05-01", proof)
        await runtime.tell(digital_stream(enterprise), [level])
        found["digital", place, "known"] = {"enterprise": enterprise}
    return found


async def messages(runtime: QuietRuntime) -> Things:
    """One to the owner's enterprise, one to the reviewers of 玄武区."""
    office = Office("320000", "county", "320102", "reviewer")
    boxes = {"": (OWNER, Recipient(enterprise=OWNER)), "box": (office_box(office), Recipient(office=office))}
    found: Things = {}
    for place, (box, recipient) in boxes.items():
        message = make_id("authz", "message", place)
        said = MessagePosted(h.at(1), message, recipient, "审核进度", "t", "标题", "正文", "/", "c1")
        await runtime.tell(f"message-{box.split('.')[0]}-{message}", [said])
        found["message", place, "posted"] = {"message": message}
    return found


def _view(runtime: QuietRuntime, name: str) -> str:
    return next(p.collection for p in runtime.projections if p.name == name)


async def identities(runtime: QuietRuntime) -> Things:
    """Accounts, officials and subjects of `people`, by their ids there."""
    account, official = make_id("authz", "owner"), make_id("authz", "reviewer@js_away")
    appointment = make_id("authz", "reviewer@js_away", "appointment")
    kid = next(iter(runtime.follower.keys))
    return {
        ("account", "", "registered"): {"account": account},
        ("official", "away", "appointed"): {"authority": "320000", "official": official, "appointment": appointment},
        ("seat", "county", "to fill"): {"official": official},
        ("session", "", "of nobody"): {"sid": "1" * 32},
        ("factor", "", "of nobody"): {"factor": "1" * 32},
        ("act", "", "of nobody"): {"act": "1.1"},
        ("delegation", "", "of nobody"): {"delegated": "1" * 32},
        ("key", "", "usable"): {"kid": kid},
        ("subject", "", "known"): {"subject": account, "hold": "1" * 32},
    }


async def checks(runtime: QuietRuntime) -> Things:
    """人工核验 that wait, by the place of registration in the credit code; and one that there is not."""
    found: Things = {}
    await runtime.state_store.blobs().put("licence", await runtime.sealer.encrypt_blob("licences", PROOF))
    scan = LicenceScan(DIGEST, len(PROOF), "application/pdf", "licence", "licences", "not-scanned")
    for place in ("county", "zone"):
        authority, region = region_of(place)
        check = make_id("authz", "check", place)
        name, number, phone = [
            await runtime.sealer.seal(check, label, "张三")
            for label in ("legal_representative", "legal_representative_document", "account_phone")
        ]
        said = CheckRequested(
            h.at(1), check, "phone", "", "", OWNER, "91320102MA1N0P2Q3R", "某某", "企业法人", name, "resident_id", number,
            (), phone, "1" * 32, scan, authority, region, h.at(2), h.at(3), True,
        )  # fmt: skip
        await runtime.tell(check_stream(check), [said])
        found["check", place, "waiting"] = {"check": check}
    found["check", "county", "none"] = {"check": "9" * 32}
    return found


FUTURE = timedelta(days=1)
BUILDERS = {
    "identity": (identities, checks), "applications": (filings, drafts, enterprises, windows), "assessment": (results,),
    "review": (cases, lists, titles), "notifications": (messages,),
}  # fmt: skip
