"""Answers that must not tell two things apart by how long they take: an address that is known and one that
isn't, a code that nobody has and one whose member left. Run in a process of its own, in a database with the
starter content.

On SQLite the time is that of the processor on this thread, which a busy machine hardly moves; on PostgreSQL
it is by the clock on the wall.
"""

import logging
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from random import Random
from statistics import median
from time import perf_counter, thread_time
from uuid import uuid4

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from clinic_site.accounts.models import User  # noqa: E402
from referrals.codes import new_code  # noqa: E402
from referrals.models import Member, Referral, Switch, Terms  # noqa: E402

TRIES, MAX_RATIO = 200, 1.2  # how often each is tried; the slowest beside the fastest
MEMBERS = 20
HOST = {"host": settings.ALLOWED_HOSTS[0]}
clock = thread_time if connection.vendor == "sqlite" else perf_counter
_next = count(1)

Ask = Callable[[Client], object]


def _around(made: list) -> Iterator:
    while True:
        yield from made


def _members(local: str, terms: Terms) -> list[Member]:
    users = [
        User.objects.create_user(
            f"{local}{n}@rehearsal.example", None, name=f"Sample Member {n}", is_sample=True
        )
        for n in range(MEMBERS)
    ]
    return [Member.join(user, terms=terms) for user in users]


def _addresses(staying: list[Member]) -> dict[str, Iterator[str]]:
    return {
        "known": _around([member.user.email for member in staying]),
        "unknown": (f"nobody{next(_next)}@rehearsal.example" for _ in _around([0])),
        "staff": _around(list(User.objects.filter(is_staff=True).values_list("email", flat=True))),
    }


def joins(staying: list[Member], terms: Terms) -> dict[str, Ask]:
    typed = {"name": "Sample Name", "is_adult": "on", "has_read": "on", "terms": terms.pk}
    return {
        name: lambda client, found=found: client.post(
            "/refer-a-friend/join/", {**typed, "email": next(found)}
        )
        for name, found in _addresses(staying).items()
    }


def sign_ins(staying: list[Member]) -> dict[str, Ask]:
    return {
        name: lambda client, found=found: client.post("/refer-a-friend/sign-in/", {"email": next(found)})
        for name, found in _addresses(staying).items()
    }


def links(gone: list[Member], page: str) -> dict[str, Ask]:
    codes = {
        "nobody's": (new_code() for _ in _around([0])),
        "of one who left": _around([member.code for member in gone]),
        "no code at all": _around(["HELLO", "AAAAAAA", "7", "K7M4QX"]),
    }
    return {
        name: lambda client, found=found: client.get(f"/r/{next(found)}/{page}")
        for name, found in codes.items()
    }


def withdrawals(staying: list[Member]) -> dict[str, Ask]:
    used = []
    for member in staying:
        typed = {
            "name": "Sample Friend",
            "email": f"friend{next(_next)}@rehearsal.example",
            "phone": "",
            "times": "",
        }
        referral = Referral.introduce(member, token=uuid4(), may_tell=False, **typed)
        used.append(referral.key)
        referral.withdraw()
    keys = {"forged": (f"F{new_code()}.forged" for _ in _around([0])), "used before": _around(used)}
    return {
        name: lambda client, found=found: client.get(f"/introduction/{next(found)}/withdraw/")
        for name, found in keys.items()
    }


def compare(name: str, asks: dict[str, Ask]) -> bool:
    """Ask each TRIES times, in turns, and tell.

    Whether they are alike: in status, in queries, and in time.
    """
    took, answered = {kind: [] for kind in asks}, {kind: set() for kind in asks}
    order, random = list(asks), Random(1)
    for _ in range(TRIES + 5):
        random.shuffle(order)
        for kind in order:
            cache.clear()  # nobody is one too many
            client = Client(headers=HOST)
            asked = []
            with connection.execute_wrapper(
                lambda execute, *what, asked=asked: asked.append(1) or execute(*what)
            ):
                began = clock()
                answer = asks[kind](client)
                took[kind].append((clock() - began) * 1000)
            answered[kind].add((answer.status_code, len(asked)))
    medians = {kind: median(times[5:]) for kind, times in took.items()}
    ratio = max(medians.values()) / min(medians.values())
    is_alike = ratio <= MAX_RATIO and all(a == b for a, b in pairwise(answered.values()))
    said = ", ".join(f"{kind} {ms:.2f}" for kind, ms in medians.items())
    print(f"  {name:22} {ratio:5.2f}   {said}{'' if is_alike else f'   NOT alike: {answered}'}", flush=True)
    return is_alike


def main() -> int:
    logging.getLogger("django.request").setLevel(
        logging.ERROR
    )  # it would tell of each link that leads nowhere
    terms = Terms.objects.in_force().get()
    staying, gone = _members("staying", terms), _members("gone", terms)
    for member in gone:
        member.leave()
    print(
        f"Told apart by time? The slowest beside the fastest of {TRIES} tries (at most {MAX_RATIO}), and ms.",
        flush=True,
    )
    met = compare("joining", joins(staying, terms))
    met &= compare("signing in", sign_ins(staying))
    met &= compare("a link", links(gone, ""))
    met &= compare("a link's form", links(gone, "introduce/"))
    met &= compare("a link to withdraw", withdrawals(staying))
    closed = Switch(is_open=False, because="The bench", by=User.objects.filter(is_staff=True).first())
    closed.save()
    met &= compare(
        "a link while closed", links(gone, "") | {"a member's": lambda c: c.get(f"/r/{staying[0].code}/")}
    )
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
