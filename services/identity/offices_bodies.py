"""What the routes about offices and one's own factors are given."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from libs.events.web.models import Body, EntityId, SecretMark
from services.identity.bodies import Line, Password, Short, SignIn

Proof = Annotated[str, Field(max_length=64), SecretMark()]
"""A one-time code or a recovery code."""
Answered = Annotated[dict[str, Any], Field(max_length=20), SecretMark()]
"""A browser's answer for a security key, as JSON."""


class SecondProof(Body):
    """A code of the authenticator or a recovery code, or a security key's answer to a challenge."""

    code: Proof = ""
    challenge: Short = ""
    assertion: Answered | None = None


class ProvenSignIn(SignIn, SecondProof):
    """`new_password` replaces one that somebody else has set."""

    new_password: Password = ""


class StepUp(SecondProof):
    """Whoever has no second factor shows the password again."""

    password: Password = ""


class PasswordChange(Body):
    """`password` is the present one."""

    password: Password
    new_password: Password


class InitialPassword(Body):
    password: Password


class Attestation(Body):
    """What `navigator.credentials.create` answered."""

    credential: Answered


class Succession(Body):
    successor: EntityId
    document: Line
    valid_to: AwareDatetime | None = None


class Delegation(Body):
    delegate: EntityId
    until: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class Code(Body):
    code: Proof
