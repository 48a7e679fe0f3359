from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clinic_site.backoffice.forms import ActionForm


@dataclass(frozen=True)
class ActionResult:
    """What an action did: `message` is a sentence for staff, which the audit log keeps.

    `redirect_to`: the address of the page that follows; empty: the row's own. `is_new` is False where the
    same form was sent before, and the audit log has it already.
    """

    message: str
    redirect_to: str = ""
    is_new: bool = True


def always(*args) -> bool:
    return True


def never(*args) -> bool:
    return False


def not_available(row: Any) -> str:
    return "This can’t be done with it in its current state."


@dataclass(frozen=True)
class Action:
    """Something that staff do to one row: a button, a permission, a form, and the function that does it.

    `run(row, by=…, **cleaned_data)` returns the message for staff, or an `ActionResult`.
    `is_open(row)`: whether the row's state allows it; where it doesn't, `why_closed(row)` says why.
    `is_for(user, row)`: whether it's offered to somebody who has the permission.
    `is_destructive`, `is_secondary(row)`: how its button looks.
    """

    name: str
    label: str
    permission: str | Callable[[Any], str]
    run: Callable[..., str | ActionResult]
    form: type[ActionForm] = ActionForm
    help_text: str | Callable[[], str] = ""  # a function: what it says follows from how the clinic is set up
    is_open: Callable[[Any], bool] = always
    why_closed: Callable[[Any], str] = not_available
    is_for: Callable[[Any, Any], bool] = always
    is_destructive: bool = False
    is_secondary: Callable[[Any], bool] = never
    template: str = "admin/action.html"

    @property
    def title(self) -> str:
        return self.label.rstrip("…")

    @property
    def verb(self) -> str:
        """What the audit log calls it."""
        return self.name.replace("-", " ")

    def is_allowed(self, user, row) -> bool:
        """Whether one of the user's roles permits it. Being a superuser is no role."""
        permission = self.permission if isinstance(self.permission, str) else self.permission(row)
        return permission in user.role_permissions
