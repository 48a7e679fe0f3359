"""What refer-a-friend holds about a person: as a member, and as a friend who introduced themself."""

from django.db.models import Q
from django.utils import timezone

from clinic_site.privacy.personal_data import Person, accounts_of
from clinic_site.registry import PersonalData, personal_data
from referrals.credit_lots import book_of
from referrals.models import Introduction, Member, Referral


def _memberships(person: Person):
    return Member.objects.filter(user__in=accounts_of(person)).select_related("user", "account")


def _export_memberships(person: Person) -> list[dict[str, str]]:
    rows = []
    for member in _memberships(person):
        rows.append(
            {
                "Code": member.code,
                "Name on the link": member.named_as,
                "Joined": _day(member.joined_at),
                "Identity confirmed": _day(member.confirmed_at),
                "Left": _day(member.left_at),
            }
        )
        for acceptance in member.acceptances.select_related("terms").order_by("pk"):
            rows.append({"Terms accepted": str(acceptance.terms), "On": _day(acceptance.at)})
        for line in book_of(member.account).lines:
            rows.append(
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
            rows.append(
                {
                    "Friend": "introduced themself" if referral.introduced_at else "told the front desk",
                    "On": _day(referral.introduced_at or referral.mentioned_at),
                    "Qualified": _day(referral.attended_at),
                    "Did not qualify": _day(referral.declined_at),
                }
            )
    return rows


def _erase_memberships(person: Person) -> int:
    members = list(_memberships(person))
    for member in members:
        member.erase()
    return len(members)


def _introductions(person: Person):
    same = Q()
    if person.same_email:
        same |= Q(same_email=person.same_email)
    if person.same_phone:
        same |= Q(same_phone=person.same_phone)
    return (
        Introduction.objects.filter(same).select_related("referral") if same else Introduction.objects.none()
    )


def _export_introductions(person: Person) -> list[dict[str, str]]:
    return [
        {
            "Reference": typed.referral.reference,
            "Introduced": _day(typed.referral.introduced_at),
            "Name": typed.name,
            "E-mail address": typed.email,
            "Telephone": typed.phone,
            "When to be reached": typed.times,
            "Agreed that the member may be told": _day(typed.telling_agreed_at),
            "Came on": str(typed.referral.attended_on or ""),
        }
        for typed in _introductions(person).order_by("pk")
    ]


def _erase_introductions(person: Person) -> int:
    referrals = list(Referral.objects.filter(introduction__in=_introductions(person)))
    for referral in referrals:
        referral.withdraw()
    return len(referrals)


def _day(at) -> str:
    return str(timezone.localdate(at)) if at else ""


personal_data += [
    PersonalData("Membership", _export_memberships, _erase_memberships),
    PersonalData("Introductions", _export_introductions, _erase_introductions),
]
