from django.db import models
from django.utils import timezone

from referrals.models.member import Member
from referrals.models.referral import Referral


class Notice(models.Model):
    """A cause to write to a member or a friend, or to the desk about a friend, was seen to: each once. `mail`
    is empty where there was no address, and when the mail is no longer kept.
    """

    key = models.CharField("cause", max_length=80, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="notices")
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, blank=True, related_name="notices")
    mail = models.OneToOneField(
        "post_office.Email", models.SET_NULL, null=True, blank=True, related_name="notice"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(member__isnull=False, referral=None)
                | models.Q(member=None, referral__isnull=False),
                name="a_notice_is_about_one",
            ),
        ]

    def __str__(self):
        return self.key
