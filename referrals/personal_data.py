"""What refer-a-friend holds about a person: as a member, and as a friend who introduced themself."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone

from clinic_site.privacy.personal_data import Person, accounts_of
from clinic_site.registry import PersonalData, PersonalRow, personal_data
from referrals.credit_lots import book_of
from referrals.models import Introduction, Member, Referral


def _find_memberships(person: Person) -> Iterator[PersonalRow]:
    members = Member.objects.filter(user__in=accounts_of(person))
    for member in members.select_related("user", "account"):
        entries = [
            {
                "Code": member.code,
                "Name on the link": member.named_as,
                "Joined": _day(member.joined_at),
                "Identity confirmed": _day(member.confirmed_at),
                "Left": _day(member.left_at),
            }
        ]
        for acceptance in member.acceptances.select_related("terms").order_by("pk"):
            entries.append({"Terms accepted": str(acceptance.terms), "On": _day(acceptance.at)})
        for line in book_of(member.account).lines:
            entries.append(
                {
                    "Credit moved": _day(line.row["at"]),
                    "Cents": str(line.cents),
                    "Balance": str(line.balance),
                    "Spent on": line.row["spent_on"],
                    "Invoice": line.row["invoice"],
                    "Reason": line.row["reason"],
                }
            )
        for referral in member.referrals.order_by("pk"):
            # not its reference: with that its friend says at the desk who they are
            entries.append(
                {
                    "Friend": "introduced themself" if referral.introduced_at else "told the front desk",
                    "On": _day(referral.introduced_at or referral.mentioned_at),
                    "Qualified": _day(referral.attended_at),
                    "Did not qualify": _day(referral.declined_at),
                }
            )
        yield PersonalRow(str(member.pk), tuple(entries), member.user.name, (member.user.email,))


def _erase_memberships(keys: list[str]) -> int:
    members = list(Member.objects.filter(pk__in=keys))
    for member in members:
        member.erase()
    return len(members)


def _find_introductions(person: Person) -> Iterator[PersonalRow]:
    same = Q(pk=None)
    if person.same_email:
        same |= Q(same_email=person.same_email)
    if person.same_phone:
        same |= Q(same_phone=person.same_phone)
    for typed in Introduction.objects.filter(same).select_related("referral").order_by("pk"):
        told = {
            "Reference": typed.referral.reference,
            "Introduced": _day(typed.referral.introduced_at),
            "Name": typed.name,
            "E-mail address": typed.email,
            "Telephone": typed.phone,
            "When to be reached": typed.times,
            "Agreed that the member may be told": _day(typed.telling_agreed_at),
            "Came on": str(typed.referral.attended_on or ""),
        }
        yield PersonalRow(str(typed.referral_id), (told,), typed.name, (typed.email,), (typed.phone,))


def _erase_introductions(keys: list[str]) -> int:
    referrals = list(Referral.objects.filter(pk__in=keys, introduction__isnull=False))
    for referral in referrals:
        referral.withdraw()
    return len(referrals)


def _day(at) -> str:
    return str(timezone.localdate(at)) if at else ""


personal_data += [
    PersonalData("Membership", _find_memberships, _erase_memberships),
    PersonalData("Introductions", _find_introductions, _erase_introductions),
]
