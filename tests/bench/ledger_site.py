"""One size of the ledger, in a process of its own: loads it, then answers on stdout what is asked on stdin, a
line each.

python -m tests.bench.ledger_site TRANSFERS
"""

import json
import sys
from time import monotonic, perf_counter, process_time
from uuid import uuid4

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from clinic_site.accounts.models import User  # noqa: E402
from clinic_site.registry import scheduled_tasks  # noqa: E402
from referrals import credit  # noqa: E402
from referrals.models import Member, Referral  # noqa: E402
from tests.bench.bulk import Bulk  # noqa: E402

HOST = {"host": settings.ALLOWED_HOSTS[0]}
clock = process_time if connection.vendor == "sqlite" else perf_counter


class Site:
    def __init__(self, transfers: int):
        bulk = Bulk(transfers)
        bulk.load()
        keys = bulk.measured()
        self.members = list(
            Member.objects.filter(pk__in=keys).select_related("user", "account").order_by("pk")
        )
        self.desk, self.manager = (
            User.objects.get(email__startswith="desk@"),
            User.objects.get(email__startswith="manager@"),
        )
        self.readers = [self._signed_in(member.user) for member in self.members]
        self.at_the_desk, self.owner = self._signed_in(self.desk), self._signed_in(self.manager)
        self.sought = []
        for member in self.members:
            friend = Referral.objects.filter(member=member).select_related("introduction").latest("pk")
            self.sought += [
                member.code,
                member.user.email,
                member.user.name,
                member.user.name.split()[-1],
                friend.reference,
                friend.visit_number,
                friend.introduction.phone,
                f"nobody{member.pk}",
            ]
        for what in ("statement", "search", "redeem", "report"):  # imports and templates are warm
            getattr(self, what)()

    @staticmethod
    def _signed_in(user: User) -> Client:
        client = Client(headers=HOST)
        client.force_login(user)
        return client

    def _time(self, does, *arguments, **named) -> float:
        began = clock()
        does(*arguments, **named)
        return (clock() - began) * 1000

    @staticmethod
    def _get(client: Client, path: str, **asked) -> None:
        answer = client.get(path, asked)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} gave {answer.status_code}.")

    def statement(self) -> list[float]:
        return [self._time(self._get, reader, "/refer-a-friend/statement/") for reader in self.readers]

    def search(self) -> list[float]:
        return [
            self._time(self._get, self.at_the_desk, "/admin/referrals/desk/", q=words)
            for words in self.sought
        ]

    def redeem(self) -> list[float]:
        return [
            self._time(
                credit.redeem,
                member.account,
                cents=100,
                spent_on="Sun cream",
                invoice="2026-1",
                again=True,
                token=uuid4(),
                by=self.desk,
            )
            for member in self.members
        ]

    def tick(self) -> list[float]:
        now = timezone.now()
        return [
            sum(
                self._time(work.run, now)
                for work in scheduled_tasks
                if work.run.__module__ == "referrals.scheduled_tasks"
            )
        ]

    def report(self) -> list[float]:
        return [self._time(self._get, self.owner, "/admin/referrals/report/")]


def main() -> None:
    began = monotonic()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    site = Site(int(sys.argv[1]))
    print(json.dumps(monotonic() - began), flush=True)
    for line in sys.stdin:
        print(json.dumps(getattr(site, line.strip())()), flush=True)


if __name__ == "__main__":
    main()
