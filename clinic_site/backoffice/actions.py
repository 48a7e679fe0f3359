from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clinic_site.backoffice.forms import ActionForm


class ActionResult(str):
    """What a step did, in a sentence.

    `then`: the address of the page that follows, where it isn't the row's own. `is_new` is False where the
    same form was sent before: the log has it already.
    """

    then: str
    is_new: bool

    def __new__(cls, words: str, *, then: str = "", is_new: bool = True):
        happened = super().__new__(cls, words)
        happened.then, happened.is_new = then, is_new
        return happened

    @classmethod
    def of(cls, words: str) -> "ActionResult":
        return words if isinstance(words, cls) else cls(words)


@dataclass(frozen=True)
class Action:
    """One verb as a button.

    `take(row, by=…, **what the form asked for)` returns what happened, in a sentence.
    """

    name: str
    label: str
    permission: str | Callable[[Any], str]
    take: Callable[..., str]
    form: type[ActionForm] = ActionForm
    explained: str = ""
    is_open: Callable[[Any], bool] = lambda row: True
    closed: Callable[[Any], str] = lambda row: (
        "This can’t be done with it as it stands now."
    )  # why it isn't open
    is_for: Callable[[Any, Any], bool] = lambda user, row: True  # beyond the permission: to whom it's offered
    takes_away: bool = False
    # not what the row waits for, or not yet: its button is a quiet one
    is_aside: Callable[[Any], bool] = lambda row: False
    template: str = "admin/step.html"

    def is_allowed(self, user, row) -> bool:
        """Whether one of their roles takes it: being a superuser is no role."""
        permission = self.permission if isinstance(self.permission, str) else self.permission(row)
        return permission in user.role_permissions
