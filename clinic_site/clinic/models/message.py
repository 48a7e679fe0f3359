"""What somebody wrote in the contact form."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic_site.accounts.form_tokens import take_once
from clinic_site.accounts.people_search import PersonSearchKeys
from clinic_site.accounts.phone_numbers import PhoneField, phone_key
from clinic_site.text import references
from clinic_site.text.emergency_words import names_danger
from clinic_site.text.search_keys import SearchKeyField


def new_reference() -> str:
    return references.new_reference("M")


class Message(PersonSearchKeys):
    """What somebody wrote in the contact form. Stored before any mail is tried."""

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    # of the form that it came by: sent twice, it's one message
    token = models.UUIDField(unique=True, null=True, editable=False)
    name = models.CharField("your name", max_length=100)
    email = models.EmailField("your e-mail address", blank=True)
    phone = PhoneField("your phone number")
    words = models.TextField("your message", max_length=5000)
    same_phone = SearchKeyField(of="phone", make=phone_key, max_length=16)
    at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(email="", phone=""), name="a_message_can_be_answered"),
        ]

    def __str__(self):
        return self.reference

    @property
    def names_danger(self) -> bool:
        """Whether it tells of a sign that can't wait."""
        return names_danger(self.words, self.name)

    @classmethod
    def take(cls, token: UUID, **typed) -> "tuple[Message, bool]":
        """The message, and whether it's new."""
        return take_once(cls, token, **typed)
