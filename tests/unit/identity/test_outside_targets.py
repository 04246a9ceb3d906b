"""Where a sign-in may end: below the paths that are configured, at our own origin, in one spelling."""

import pytest

from services.identity.outside.targets import TargetNotAllowed, checked

ALLOWED = ("/portal", "/help/")


@pytest.mark.parametrize(
    "target", ["/portal", "/portal/", "/portal/a-b/c_d.html", "/portal?tab=1&x=a.b~c", "/help/", "/help/me"]
)
def test_a_plain_path_below_a_configured_one_is_taken_as_it_is(target: str) -> None:
    assert checked(target, ALLOWED) == target


@pytest.mark.parametrize(
    "target",
    [
        "", "portal", "https://evil.example", "https:/portal", "//evil.example", "///evil.example", "////portal", "/\\evil.example",
        "\\\\evil.example", "/portal\\..\\x", "/%2f%2fevil.example", "/%2F/evil.example", "/%5cevil.example", "/portal/%2e%2e/x",
        "/portal%00", "javascript:alert(1)", "/portal/../x", "/portal/./x", "/portal/..", "/portal//evil.example",
        "/portal\n", "\n/portal", "/portal\t", " /portal", "/portal\x00", "/portal#x", "/portal?next=//evil.example",
        "/portal?next=https://evil.example", "/portal?a=%0d%0a", "/portal@evil.example", "/portal:80", "/。evil.example",
        "/portaĺ", "/elsewhere", "/portals", "/help", "/",
    ],
)  # fmt: skip
def test_everything_else_is_refused(target: str) -> None:
    with pytest.raises(TargetNotAllowed):
        checked(target, ALLOWED)


def test_the_root_stands_for_every_page() -> None:
    assert [checked(target, ("/",)) for target in ("/", "/anything/at-all")] == ["/", "/anything/at-all"]
