"""Joining and signing in: by a code that is sent to an address, and shows that it belongs to whoever typed
it.

Somebody who asks for a code gets the same answers, for the same work, whether or not the programme knows the
address. Only the mail may say more, and only to the person who reads it. Until the code came back nobody is
in the database: what was typed waits in the session, and goes with it.
"""

import time
from datetime import timedelta
from functools import wraps

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from django.contrib.auth import login
from django.contrib.auth.hashers import make_password
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from clinic_site.accounts.allauth_internals import AbstractCodeVerificationProcess, compare_user_code
from clinic_site.accounts.models import User
from clinic_site.accounts.rate_limits import is_within
from clinic_site.backoffice.form_recovery import posted_fields
from clinic_site.text.normalise import normal_email
from referrals import login_emails
from referrals.errors import ReferralError
from referrals.models import Member, Switch, Terms

# seconds after which a member is signed out, and what somebody typed before their code came is gone
IDLE = 60 * 60
AWAKE = 5 * 60  # seconds between two notes that a member is still there
# places in the session: what a code was asked with, and a form that was sent too late
ASKED_WITH, UNSENT = "asked_with", "unsent"


def open_terms() -> Terms | None:
    """The terms that somebody may join under today. None while the programme is closed."""
    return Terms.objects.filter(Switch.is_on()).in_force().first()


def newer_terms(member: Member) -> Terms | None:
    """The terms in force, where the member hasn't accepted them yet."""
    terms = None if member.left_at else Terms.objects.in_force().first()
    return terms if terms and terms != member.terms else None


class Code(AbstractCodeVerificationProcess):
    """A code on its way, and what was typed when it was asked for.

    It lives in the session of the browser that asked: in another one it opens nothing.

    Of django-allauth this takes the state, the expiry, the attempts and the form of the code
    (docs/decisions/007).
    """

    KEY = "code"

    def __init__(self, request, state: dict):
        super().__init__(
            state=state,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
        )
        self.request = request

    # --- from asking to signing in ---

    @classmethod
    def ask(cls, request, *, email: str, name: str = "", terms: Terms | None = None, then: str = "") -> bool:
        """Send a code to `email`.

        With `terms`, whoever types it joins under them, by that name; without, they sign in.

        False where too many were sent: from this visitor, or to that mailbox.
        """
        if not cls._may_send(request, email):
            return False
        # so that the form comes back filled in where the code runs out
        request.session[ASKED_WITH] = {"email": email, "next": then, **({"name": name} if terms else {})}
        typed = {"name": name, "terms": terms and terms.pk, "then": then}
        cls(request, cls.initial_state(user=None, email=email) | typed).send()
        return True

    @classmethod
    def awaited(cls, request) -> "Code | None":
        """The code that this browser waits for. None where it asked for none, or the code has run out."""
        state = request.session.get(cls.KEY)
        return cls(request, state).abort_if_invalid() if state else None

    @staticmethod
    def _may_send(request, email: str) -> bool:
        return is_within(request, "send_code", normal_email(email))

    def send(self) -> None:
        """Make a new code and queue the mail; those before it open nothing any more."""
        code = get_adapter().generate_login_code()
        self.state["at"] = time.time()
        # a mail without a code leaves none that could be guessed
        self.state["code"] = code if self._write(code) else ""
        self.persist()

    def _write(self, code: str) -> bool:
        """Queue the one mail that fits the address. Whether it holds the code."""
        takes_part = Member.objects.filter(user=OuterRef("pk"), forgotten_at=None)
        known = User.objects.filter(email=self.email).annotate(takes_part=Exists(takes_part))
        user = known.values("is_staff", "is_active", "takes_part").first() or {}
        until = timezone.now() + timedelta(seconds=self.timeout)
        if user.get("is_staff"):
            login_emails.for_staff(self.email, until=until)
        elif self.is_joining or (user.get("takes_part") and user["is_active"]):
            login_emails.code(self.email, code, until=until)
            return True
        else:
            login_emails.for_nobody(self.email, until=until)
        return False

    def is_tried_too_often(self) -> bool:
        """Count one more try for this mailbox, from any browser: a session would not see two at once."""
        return not is_within(self.request, "enter_code", normal_email(self.email))

    def fits(self, typed_code: str) -> bool:
        """Whether it's the code. A wrong one counts, and the last wrong one ends the matter."""
        if compare_user_code(actual=typed_code, expected=self.code):
            return True
        self.record_invalid_attempt()
        return False

    def finish(self) -> None:
        """The code was right: whoever typed it joins, where they meant to, and is signed in.

        Raises ReferralError where the address is no member's to sign in with, or the programme closed
        meanwhile.
        """
        self.abort()
        with transaction.atomic():
            known = User.objects.filter(email=self.email)
            user = self._somebody_who_joins() if self.is_joining else known.first()
            if user is None or user.is_staff or not user.is_active:
                raise ReferralError("You cannot sign in with this address. Please ask the front desk.")
            if self.is_joining:
                self._join(user)
            elif not Member.objects.filter(user=user, forgotten_at=None).exists():
                raise ReferralError("Nobody with this address takes part.")
        self.request.session.pop(ASKED_WITH, None)
        login(self.request, user)
        self.request.session["seen_at"] = time.time()
        self.request.session.set_expiry(IDLE)

    def _somebody_who_joins(self) -> User:
        # two confirmations at once make one
        about = {"name": self.state["name"], "password": make_password(None)}
        return User.objects.get_or_create(email=self.email, defaults=about)[0]

    def _join(self, user: User) -> None:
        terms = Terms.objects.get(pk=self.state["terms"])
        if member := Member.objects.active().filter(user=user).first():
            member.accept(terms)
        else:
            Member.join(user, terms=terms)

    # --- its place in the session ---

    @property
    def email(self) -> str:
        return self.state["email"]

    @property
    def is_joining(self) -> bool:
        return self.state["terms"] is not None

    @property
    def then(self) -> str:
        """The address that they wanted to see; empty where they came of their own accord."""
        return self.state["then"]

    @property
    def tries_left(self) -> int:
        return self.max_attempts - self.state["failed_attempts"]

    def persist(self) -> None:
        self.request.session[self.KEY] = self.state
        self.request.session.set_expiry(IDLE)

    def abort(self) -> None:
        self.request.session.pop(self.KEY, None)

    @property
    def sent_at(self) -> str:
        return f"{self.state['at']:.6f}"  # as long for everybody

    def was_resent(self, sent_at: str) -> bool:
        """A newer code is on its way than the one of that time, which a button's form carries: it was pressed
        twice.
        """
        return bool(sent_at) and sent_at != self.sent_at

    @property
    def can_resend(self) -> bool:
        return not self.is_resend_quota_reached(app_settings.LOGIN_BY_CODE_MAX_RESEND_COUNT)

    def resend(self) -> bool:
        """A new code to the same address. False where too many were sent."""
        if not self.can_resend or not self._may_send(self.request, self.email):
            return False
        self.record_resend()
        self.send()
        return True


# --- who is signed in ---------------------------------------------------------------------------------------


def member_of(user) -> Member | None:
    """The member that somebody signed in is, also one who left: their credit stays theirs."""
    if not user.is_authenticated or user.is_staff:
        return None
    return Member.objects.select_related("user", "account").filter(user=user.pk, forgotten_at=None).first()


def member_required(view):
    """For members alone, those who left included. The view finds `request.member`, with `user` and `account`.

    Whoever isn't signed in is sent to the sign-in, and comes back afterwards; a form that they sent meanwhile
    is kept for them. Staff are told why this isn't for them.
    """

    @wraps(view)
    def for_members(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_login(_keep_unsent(request), reverse("referrals:sign-in"))
        request.member = member_of(request.user)
        if request.member is None:
            return not_for_staff(request) if request.user.is_staff else redirect("referrals:join")
        _note_presence(request.session)
        response = view(request, *args, **kwargs)
        # nor does the next person at that device find it with the back button
        add_never_cache_headers(response)
        return response

    return for_members


def not_for_staff(request):
    return render(request, "referrals/not_for_staff.html", status=403)


def _note_presence(session) -> None:
    """The idle time begins anew, with one write in a while."""
    if time.time() - session.get("seen_at", time.time()) > AWAKE:
        session["seen_at"] = time.time()


def _keep_unsent(request) -> str:
    """Where somebody goes once they have signed in: to this page, or to the form that they were sending."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    request.session[UNSENT] = {"path": request.path, "typed": posted_fields(request.POST)}
    request.session.set_expiry(IDLE)
    return reverse("referrals:unsent")
