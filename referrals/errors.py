class ReferralError(Exception):
    """A step that may not happen, with the reason in words for whoever took it."""


def require(user, permission: str, words: str) -> None:
    """Raises ReferralError with `words` unless one of the user's roles grants "referrals.`permission`"."""
    if not user.has_role_permission(f"referrals.{permission}"):
        raise ReferralError(words)
