"""The providers of this deployment, by name."""

from typing import Any

from libs.events.web.desk import Desk
from services.identity.outside.configured import OidcProvider, ProviderUnknown
from services.identity.settings import Settings


def providers(desk: Desk) -> dict[str, OidcProvider]:
    settings = desk.runtime.settings
    assert isinstance(settings, Settings)
    return settings.oidc_providers


def provider_called(desk: Desk, name: str) -> OidcProvider:
    """Raises ProviderUnknown."""
    found = providers(desk).get(name)
    if found is None:
        raise ProviderUnknown(way_out="请用登录名和密码登录；已开通的统一登录见 GET /api/identity/providers")
    return found


def title_of(desk: Desk, name: str) -> str:
    """One that was taken out of the settings is known by its name still."""
    found = providers(desk).get(name)
    return found.title if found else name


def shown(desk: Desk) -> list[dict[str, Any]]:
    return [
        {
            "provider": name,
            "title": one.title,
            "sign_in": f"/api/identity/providers/{name}/sign-in",
            "return_paths": list(one.return_paths),
        }
        for name, one in providers(desk).items()
    ]
