"""Somebody who asks for a first visit, and what the front desk did about it."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from clinic_site.accounts.form_tokens import take_once
from clinic_site.accounts.people_search import PersonSearchKeys
from clinic_site.accounts.phone_numbers import PhoneField, phone_key
from clinic_site.append_only import WrittenOnce, WrittenOnceQuerySet
from clinic_site.text import references
from clinic_site.text.emergency_words import names_danger
from clinic_site.text.search_keys import SearchKeyField
from clinic_site.visits import emails

STAFF = settings.AUTH_USER_MODEL
_signer = signing.Signer(salt="visits.request", sep=".")


class VisitError(Exception):
    """A step that may not happen, with the reason in words for whoever took it."""


def new_reference() -> str:
    return references.new_reference("V")


class CloseReason(models.TextChoices):
    """Why a request came to nothing. A choice, not a sentence: a sentence would tell of somebody's health."""

    UNREACHED = "unreached", "couldn’t be reached"
    CHANGED = "changed", "doesn’t want a visit any more"
    NEVER = "never", "had a time and didn’t come"
    ELSEWHERE = "elsewhere", "asked for something that we don’t do"
    TWICE = "twice", "asked more than once"
    MINOR = "minor", "is under 18"
    NOBODY = "nobody", "is no real person"


NEW, REACHED, BOOKED, CAME, CLOSED = "new", "reached", "booked", "came", "closed"
# what a request's state is, as a condition: the last step that was taken
STATES: dict[str, Q] = {
    NEW: Q(reached_at=None, booked_at=None, came_at=None, closed_at=None),
    REACHED: Q(reached_at__isnull=False, booked_at=None, came_at=None, closed_at=None),
    BOOKED: Q(booked_at__isnull=False, came_at=None, closed_at=None),
    CAME: Q(came_at__isnull=False),
    CLOSED: Q(closed_at__isnull=False),
}
# from which states the desk may take each step
STEPS: dict[str, tuple[str, ...]] = {
    REACHED: (NEW,),
    BOOKED: (NEW, REACHED),
    CAME: (NEW, REACHED, BOOKED),
    CLOSED: (NEW, REACHED, BOOKED),
}


def _is_whole(step: str) -> models.CheckConstraint:
    """A step has both, who took it and when, or neither."""
    neither = Q(**{f"{step}_at": None, f"{step}_by": None})
    both = Q(**{f"{step}_at__isnull": False, f"{step}_by__isnull": False})
    return models.CheckConstraint(condition=neither | both, name=f"a_request_{step}_is_whole")


class VisitRequestQuerySet(WrittenOnceQuerySet):
    def waiting(self):
        """Those that nobody took yet."""
        return self.filter(STATES[NEW])

    def done_with(self, before: datetime):
        """Those that somebody took, and whose last step was before that."""
        last = [Q(**{f"{step}_at": None}) | Q(**{f"{step}_at__lt": before}) for step in STEPS]
        return self.exclude(STATES[NEW]).filter(*last)


class VisitRequest(PersonSearchKeys, WrittenOnce):
    """What somebody typed who asks for a first visit, and agreed that the clinic may use. Stored before any
    mail is tried; it goes when they take it back or ask to be forgotten.
    """

    stamps = tuple(f"{step}_{part}" for step in STEPS for part in ("at", "by")) + ("closed_because",)
    is_erasable = True

    reference = models.CharField(max_length=8, unique=True, default=new_reference, editable=False)
    # of the form that it came by: sent twice, it's one request
    token = models.UUIDField(unique=True, editable=False)
    name = models.CharField("your name", max_length=100)
    email = models.EmailField("your e-mail address", blank=True)
    phone = PhoneField("your phone number")
    # a page's slug, and its title as they read it; without a slug it's about something else
    about = models.SlugField("what is it about?", max_length=80, blank=True)
    about_title = models.CharField(max_length=160, blank=True, editable=False)
    times = models.CharField("when we may reach you", max_length=200, blank=True)
    adult_at = models.DateTimeField("said to be 18 or over")
    contact_agreed_at = models.DateTimeField("agreed to be contacted")
    at = models.DateTimeField("asked on", default=timezone.now, editable=False)
    same_phone = SearchKeyField(of="phone", make=phone_key, max_length=16)

    reached_at = models.DateTimeField(null=True, blank=True)
    reached_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    booked_at = models.DateTimeField(null=True, blank=True)
    booked_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    came_at = models.DateTimeField(null=True, blank=True)
    came_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    closed_because = models.CharField(max_length=9, choices=CloseReason, null=True, blank=True)  # noqa: DJ001

    objects: ClassVar = VisitRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "request for a visit"
        verbose_name_plural = "requests for a visit"
        indexes = [models.Index(fields=["at"], condition=STATES[NEW], name="visit_request_waiting")]
        constraints = [
            models.CheckConstraint(condition=~Q(email="", phone=""), name="a_visit_request_can_be_answered"),
            *map(_is_whole, STEPS),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_because=None)
                | Q(
                    closed_at__isnull=False,
                    closed_because__isnull=False,  # beside NULL, "in" is neither true nor false
                    closed_because__in=CloseReason.values,
                ),
                name="a_request_is_closed_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(came_at=None) | Q(closed_at=None), name="a_request_came_or_closed"
            ),
        ]
        permissions = [("handle_visitrequest", "Can record what became of a request for a visit")]

    def __str__(self):
        return self.reference

    @property
    def names_danger(self) -> bool:
        """Whether it tells of a sign that can't wait."""
        return names_danger(self.times, self.name)

    @property
    def state(self) -> str:
        """The last step that was taken."""
        done = (step for step in (CLOSED, CAME, BOOKED, REACHED) if getattr(self, f"{step}_at"))
        return next(done, NEW)

    # --- whoever asks ---------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def take(cls, token: UUID, about_title: str = "", **typed: Any) -> "VisitRequest":
        """The request that a form makes, or made when it was sent before: `typed` is name, email, phone,
        about, times. With other words in it the same form makes another one.
        """
        now = timezone.now()
        agreed = {"at": now, "adult_at": now, "contact_agreed_at": now}
        request, is_new = take_once(cls, token, also=agreed | {"about_title": about_title}, **typed)
        if is_new:
            emails.came_in(request)
        return request

    @property
    def key(self) -> str:
        """What their own links hold: whoever has it may take the request back. No reference makes one."""
        return _signer.sign(self.reference)

    @classmethod
    def by_key(cls, key: str) -> "VisitRequest | None":
        """The request with that key, while it's held. One query in any case."""
        try:
            reference = _signer.unsign(key)
        except signing.BadSignature:
            reference = ""
        return cls.objects.filter(reference=reference).first()

    @transaction.atomic
    def take_back(self) -> None:
        """Erase what was typed, and the mails about it, and tell the desk. A second time changes nothing."""
        held = VisitRequest.objects.select_for_update().filter(pk=self.pk).first()
        if held:
            emails.taken_back(held)
            held.delete()

    # --- the front desk -------------------------------------------------------------------------------------

    def may(self, step: str) -> bool:
        return self.state in STEPS[step]

    def reach(self, *, by) -> None:
        """`by` spoke with them, or wrote to them. Raises VisitError, as all steps do, where it's too late."""
        self._step(REACHED, by)

    def book(self, *, by) -> None:
        """They have a time for their visit: which one stands in the clinic's own books."""
        self._step(BOOKED, by)

    def come(self, *, by) -> None:
        """They came."""
        self._step(CAME, by)

    def close(self, *, by, because: str) -> None:
        """It comes to nothing; `because` is a `CloseReason`."""
        self._step(CLOSED, by, closed_because=because)

    @transaction.atomic
    def _step(self, step: str, by, **more: str) -> None:
        held = VisitRequest.objects.select_for_update().filter(pk=self.pk).first()
        if held is None:
            raise VisitError("It was taken back meanwhile, and what was typed is erased.")
        if not held.may(step):
            raise VisitError(f"It is marked as {held.state} already.")
        self.stamp(**{f"{step}_at": timezone.now(), f"{step}_by": by}, **more)


class VisitMail(models.Model):
    """A mail about a request: it's erased with it."""

    request = models.ForeignKey(VisitRequest, models.CASCADE, related_name="mails")
    mail = models.OneToOneField("post_office.Email", models.CASCADE, related_name="visit")

    def __str__(self):
        return f"Mail about {self.request_id}"
