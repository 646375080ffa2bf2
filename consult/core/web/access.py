"""Access rules. Every route names one; there is no default."""

from __future__ import annotations

from enum import StrEnum

from consult.core.errors import Forbidden
from consult.core.i18n import _


class Role(StrEnum):
    CONTRIBUTOR = "contributor"
    MODERATOR = "moderator"
    POLICYMAKER = "policymaker"
    ADMIN = "admin"


class Allow(StrEnum):
    """The access rule of a route. Administrators may access whatever moderators or policymakers may."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    MODERATOR = "moderator"
    POLICYMAKER = "policymaker"
    STAFF = "moderator or policymaker"
    ADMIN = "admin"
    DEMO = "anyone, in the demo only"
    PROGRAM = "a program with a token or the secret of a private link"


_ROLES: dict[Allow, frozenset[Role]] = {
    Allow.SIGNED_IN: frozenset(Role),
    Allow.MODERATOR: frozenset({Role.MODERATOR, Role.ADMIN}),
    Allow.POLICYMAKER: frozenset({Role.POLICYMAKER, Role.ADMIN}),
    Allow.STAFF: frozenset({Role.MODERATOR, Role.POLICYMAKER, Role.ADMIN}),
    Allow.ADMIN: frozenset({Role.ADMIN}),
    Allow.PROGRAM: frozenset(),
}


def require_allowed(rule: Allow, role: Role | None) -> None:
    """Raise Forbidden if the rule does not permit the role."""
    if not is_allowed(rule, role):
        raise Forbidden(_("Your account cannot open this page. Ask an administrator for the role you need."))


def is_allowed(rule: Allow, role: Role | None, *, demo: bool = False) -> bool:
    """Return True if the role (None: not signed in) may access the route.

    >>> is_allowed(Allow.ANYONE, None), is_allowed(Allow.MODERATOR, Role.CONTRIBUTOR)
    (True, False)
    >>> is_allowed(Allow.MODERATOR, Role.ADMIN)
    True
    """
    if rule is Allow.ANYONE:
        return True
    if rule is Allow.DEMO:
        return demo
    return role in _ROLES[rule]
