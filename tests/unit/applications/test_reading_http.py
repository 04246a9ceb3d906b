"""What people type in full width or with spaces is kept as it was meant, in the open and sealed alike."""

from tests.unit.applications import kit as k
from tests.unit.applications.shell import Stage
from tests.unit.applications.stories import PROFILE, on_stage


@on_stage
async def test_codes_and_numbers_of_a_profile_are_kept_as_meant(stage: Stage) -> None:
    await stage.verified()
    typed = {
        "postcode": " ２１００００",
        "contact_mobile": "+86 138-0013-8000",
        "contact_phone": "０２５－８３１３３３８５",
        "email": "ｃｏｎｔａｃｔ＠example.com",
        "fax": "025—83133386",
    }
    answer = await stage.ask("POST", f"/enterprises/{k.ENTERPRISE}/profile", PROFILE | typed)
    assert answer.status_code == 201, answer.text
    profile = (await stage.get(f"/enterprises/{k.ENTERPRISE}"))["profile"]
    assert {name: profile[name] for name in typed} == {
        "postcode": "210000",
        "contact_mobile": "13800138000",
        "contact_phone": "025-83133385",
        "email": "contact@example.com",
        "fax": "025-83133386",
    }
    wrong = await stage.ask("PUT", f"/enterprises/{k.ENTERPRISE}/profile", PROFILE | {"postcode": "21000O"})
    assert "邮编" in wrong.text and wrong.status_code == 422
