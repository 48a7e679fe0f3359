"""The front desk: finding a member or a referral by whatever is known of it, and what to look at before a
friend is recorded as having come.

Each search walks along an index and stops when it has enough to show: it takes as long with a hundred
thousand people.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.accounts.people_search import search_by_name
from clinic_site.accounts.phone_numbers import phone_key
from clinic_site.text.folding import fold, seen
from clinic_site.text.normalise import normal_email
from referrals.codes import ALPHABET, read_code, spoken
from referrals.credit_lots import Book, books_of
from referrals.formats import day
from referrals.models import Account, Introduction, Member, Referral
from referrals.rewards import rewards_in
from referrals.statement import Sums, sums_of

SHOWN = 20  # members, and referrals, on one screen
LONGEST_SEARCH = 100  # letters of what is looked for
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


# --- finding ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MemberCredit:
    """A member, and how their credit stands."""

    member: Member
    book: Book
    sums: Sums

    @property
    def last_at(self) -> datetime:
        """When something last happened to their credit; else when they joined."""
        return self.book.lines[-1].row["at"] if self.book.lines else self.member.joined_at


@dataclass
class SearchResult:
    """What a search came to. `more_…`: there are others that aren't shown."""

    typed: str
    members: list[MemberCredit] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    more_members: bool = False
    more_referrals: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.members or self.referrals)


def find(typed: str, *, now: datetime | None = None) -> SearchResult:
    """Members and referrals by code, reference, e-mail address, telephone, visit's number or name."""
    typed = clean(typed)
    members, referrals = find_members(typed, most=SHOWN + 1), find_referrals(typed, most=SHOWN + 1)
    return SearchResult(
        typed,
        credit_of(members[:SHOWN], now or timezone.now()),
        sorted(
            referrals[:SHOWN], key=lambda referral: (not referral.is_waiting, -referral.pk)
        ),  # who waits for us first
        more_members=len(members) > SHOWN,
        more_referrals=len(referrals) > SHOWN,
    )


def clean(typed: str) -> str:
    return " ".join(seen(typed).split())[:LONGEST_SEARCH]


def find_members(typed: str, *, most: int = SHOWN) -> list[Member]:
    """Members whose code, name or e-mail address this is, at most so many."""
    members = Member.objects.filter(forgotten_at=None).select_related("user", "account").order_by()
    if "@" in typed:
        return list(members.filter(user__same_email=normal_email(typed))[:most])
    found = list(members.by_code(typed)) if read_code(typed) else []
    named = search_by_name(members, typed, most, path="user__")
    return (found + [member for member in named if member not in found])[:most]


def find_referrals(typed: str, *, most: int = SHOWN) -> list[Referral]:
    """Referrals of that reference or visit, or of a friend with this name, e-mail address or telephone."""
    referrals = Referral.objects.select_related("member__user", "introduction").order_by()
    known: Q | None
    if "@" in typed:
        known = Q(introduction__same_email=normal_email(typed))
    elif phone := phone_key(typed):
        known = Q(introduction__same_phone=phone)
    else:
        known = _by_numbers(typed)
    found = list(referrals.filter(known).order_by("-pk")[:most]) if known else []
    return found or search_by_name(referrals, typed, most, path="introduction__")


def _by_numbers(typed: str) -> Q | None:
    """A condition: the referral of that reference, or of the visit with that number."""
    code = re.sub(r"[\s.-]", "", fold(typed).text).upper().translate(_READ_AS)
    if len(code) == 8 and code[0] == "F" and not set(code) - set(ALPHABET):
        return Q(reference=code)
    if any(c.isdigit() for c in typed) and len(typed) <= 10:
        return Q(visit_number=typed.upper())
    return None


def credit_of(members: list[Member], now: datetime) -> list[MemberCredit]:
    """How these members' credit stands: two queries for all of them."""
    by_account = {member.account: member for member in members}
    return [
        MemberCredit(
            by_account[account],
            book,
            sums_of(book, is_confirmed=bool(by_account[account].confirmed_at), now=now),
        )
        for account, book in books_of(list(by_account))
    ]


def waiting() -> list[Referral]:
    """Referrals that wait for the desk, the longest first: one more than are shown, to tell of others."""
    referrals = Referral.objects.waiting().select_related("member__user", "introduction")
    return list(referrals.order_by("introduced_at")[: 2 * SHOWN + 1])


# --- how a referral stands ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReferralStatus:
    """Where a referral stands, in words, and since when."""

    words: str
    at: datetime | None
    name: str  # for lists and style: waiting, came, declined, withdrawn


def status_of(referral: Referral) -> ReferralStatus:
    if referral.attended_at:
        late = " (a late mention)" if referral.mentioned_at else ""
        return ReferralStatus(f"Came on {day(referral.attended_on)}{late}", referral.attended_at, "came")
    if referral.declined_at:
        return ReferralStatus(
            f"Declined: {referral.get_declined_because_display()}", referral.declined_at, "declined"
        )
    if referral.withdrawn_at:
        return ReferralStatus("The friend withdrew", referral.withdrawn_at, "withdrawn")
    return ReferralStatus("Waiting", referral.introduced_at, "waiting")


def friend_of(referral: Referral) -> Introduction | None:
    """What the friend typed; None once it's erased, and for a late mention."""
    return getattr(referral, "introduction", None)


# --- what to look at first ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Caution:
    """Something to look at before a visit is recorded. `stops`: it most likely brings no reward."""

    words: str
    stops: bool = False
    referral: Referral | None = None  # where to look
    member: Member | None = None


def cautions(referral: Referral, *, now: datetime | None = None) -> list[Caution]:
    """What the rows here say about this friend and this member; the clinic's own records may say more."""
    return [*_about_the_friend(referral), *_about_the_member(referral, now or timezone.now())]


def _about_the_friend(referral: Referral) -> list[Caution]:
    friend = friend_of(referral)
    if friend is None:
        return []
    found, member = [], referral.member
    people = (
        User.objects.filter(same_email=friend.same_email).select_related("member")
        if friend.same_email
        else []
    )
    for person in people:
        if person.pk == member.user_id:
            found.append(
                Caution(
                    "The friend and the member are the same person: they have the same e-mail address.", True
                )
            )
        elif person.is_staff:
            found.append(Caution("Somebody on staff has this e-mail address.", True))
        elif hasattr(person, "member"):
            since = day(person.member.joined_at)
            words = (
                f"Known here: {spoken(person.member.code)}, a member since {since}, has this e-mail address."
            )
            found.append(Caution(words, True, member=person.member))
    if friend.name_key and friend.name_key == member.user.name_key:
        found.append(Caution("The friend has the member's name. Ask whether they are two people."))
    return found + _other_introductions(referral, friend)


def _other_introductions(referral: Referral, friend: Introduction) -> list[Caution]:
    same = Q(pk__in=[])
    if friend.same_email:
        same |= Q(same_email=friend.same_email)
    if friend.same_phone:
        same |= Q(same_phone=friend.same_phone)
    others = (
        Introduction.objects.filter(same)
        .exclude(referral=referral)
        .select_related("referral")
        .order_by("-pk")
    )
    found = []
    for other in others[:5]:
        by_email = friend.same_email and other.same_email == friend.same_email
        shared = "e-mail address" if by_email else "telephone number"
        status = status_of(other.referral)
        if other.referral.attended_at:
            words = f"Known here: a friend with the same {shared} came on {day(other.referral.attended_on)}."
        else:
            words = (
                f"The same {shared} stands in another referral ({status.words[0].lower()}{status.words[1:]})."
            )
        if not by_email:
            words += " People of one household share a telephone."
        found.append(Caution(words, bool(by_email), referral=other.referral))
    return found


def _about_the_member(referral: Referral, now: datetime) -> list[Caution]:
    member, found = referral.member, []
    if member.left_at:
        found.append(Caution(f"The member left on {day(member.left_at)}: they get no credit.", True))
    cap, year = referral.terms.cap_per_year, timezone.localdate(now).year
    if (given := rewards_in(member, year)) >= cap:
        found.append(
            Caution(f"The member has had {given} of {cap} rewards in {year}: this one brings them no credit.")
        )
    if not (member.confirmed_at or member.left_at):
        found.append(
            Caution(
                "Nobody has confirmed yet who the member is. They get the credit, and can use it after that."
            )
        )
    return found


# --- an account's owner -------------------------------------------------------------------------------------


def owner_of(account: Account) -> str:
    """Whose account it is, without a name: it also stands in the log."""
    if account.system:
        return account.get_system_display()
    if account.member:
        return spoken(account.member.code)
    return f"Friend {account.referral and account.referral.reference}"
