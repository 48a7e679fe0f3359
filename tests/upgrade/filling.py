"""A site in which everything has happened, all by the verbs of real life."""

import os
import random
import re
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from unittest import mock
from urllib.parse import urlsplit
from uuid import uuid4

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from clinic_site.notifications import calendar_feed
from referrals import credit, rewards
from referrals.models import Member, Referral, Terms
from tests import factories
from tests.backoffice.conftest import furnish
from tests.upgrade.clock import clock

PAGES = (
    "/ /treatments/ /treatments/compare/ /blog/ /blog/feed/ /blog/topics/side-effects/ /search/?q=sweat "
    "/testimonials/ /accreditations/ /about/ /contact/ /refer-a-friend/ /privacy/ /accessibility/ "
    "/how-we-write/ /sitemap.xml /robots.txt /healthz"
).split()
# tables that hold nothing for longer than a moment, or nothing that this project writes
STAY_EMPTY = {
    "account_emailaddress",
    "account_emailconfirmation",
    "accounts_user_user_permissions",
    "django_admin_log",
    "post_office_attachment",
    "post_office_attachment_emails",
    "post_office_emailtemplate",
    "post_office_log",
}


@contextmanager
def same_chances():
    """What is drawn by chance is the same each time: keys, salts and codes of a site that nobody runs."""
    drawn = random.Random(1).randbytes
    random.seed(1)
    with (
        mock.patch.object(os, "urandom", drawn),
        mock.patch.object(random, "_urandom", drawn),
        mock.patch.object(os, "getpid", return_value=1),  # a mail's Message-ID holds it
    ):
        yield


def fill() -> dict:
    """Fill an empty database. Returns what has to hold of it from then on: see `_told`."""
    call_command("migrate", verbosity=0)
    now = timezone.now()
    with clock(now - timedelta(days=10)):
        call_command("starter", stdout=StringIO())
    with clock(now - timedelta(days=8)):  # who came this week gets no weekly mail yet
        editor, clinician, manager = (factories.person(role) for role in ("editor", "clinician", "manager"))
    rows = furnish(editor, clinician)
    _editions(editor, clinician, manager)
    member, referral = _members(manager)
    secured = factories.person("desk")
    TOTP.activate(secured, generate_totp_secret())
    RecoveryCodes.activate(secured)
    links = {
        "calendar": calendar_feed.make_address(editor),
        "preview": rows["publishing.previewlink"].address,
        "member": member.link,
        "friend": referral.withdraw_link,
    }
    client = Client()
    client.force_login(member.user)
    client.get("/refer-a-friend/statement/")
    call_command("tick", stdout=StringIO())
    # the last: they are sent by `tick`
    factories.referral(member)
    _refuse_empty_tables()
    return _told({name: urlsplit(link).path for name, link in links.items()}, member)


def _editions(editor, clinician, manager) -> None:
    """One in each state that has rows of its own; `furnish` leaves some that wait."""
    now = timezone.now()
    with clock(now - timedelta(days=3)):
        names = "signed", "sent-back", "taken-back", "withdrawn", "held", "scheduled"
        drafts = {name: factories.answer(name, by=editor, checked_by=clinician) for name in names}
        editions = {
            name: draft.submit(by=editor, change_note="First edition.") for name, draft in drafts.items()
        }
    with clock(now - timedelta(days=2)):
        editions["sent-back"].send_back(by=clinician, because="Say it in plainer words.")
        editions["taken-back"].take_back(by=editor)
        for name in ("signed", "withdrawn"):
            editions[name].sign(by=clinician)
        editions["held"].sign(by=clinician, hold=True)
    editions["scheduled"].sign(by=clinician, live_from=timezone.now() + timedelta(hours=1))
    editions["withdrawn"].withdraw(by=manager, because="It is out of date.")
    drafts["signed"].summary = "In other words."
    drafts["signed"].save()
    drafts["signed"].note_save(by=editor)
    factories.live(drafts["signed"], by=editor, signer=clinician, note="Other words.")


def _members(manager) -> tuple[Member, Referral]:
    """A member with a reward, a referral that waits, others that were decided, an adjustment that waits."""
    desk, terms = factories.person("desk"), Terms.objects.in_force().first()
    member = factories.member(terms, confirmed_by=desk)
    came, never, waits, took_back = (factories.referral(member) for _ in range(4))
    rewards.attend(came, by=desk, on=timezone.localdate(), visit_number="V-1042")
    rewards.decline(never, by=desk, because="never")
    took_back.withdraw()
    credit.adjust(member.account, cents=90000, because="Goodwill", token=uuid4(), by=manager)
    factories.member(terms).leave()
    return member, waits


def _refuse_empty_tables() -> None:
    models = (model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy)
    empty = {model._meta.db_table for model in models if not model._base_manager.exists()}
    if strange := empty ^ STAY_EMPTY:
        raise AssertionError(f"Put a row into each of these tables, or say why none is there: {strange}")


def _told(links: dict[str, str], member: Member) -> dict:
    """{"answers": {address: status}, "links": {name: address}, "member": e-mail, "head": of the ledger}"""
    client, addresses = Client(), list(PAGES)
    sitemap = client.get("/sitemap.xml").content.decode()
    addresses += [urlsplit(address).path for address in re.findall("<loc>(.*?)</loc>", sitemap)]
    addresses += ["/blog/signed/", "/blog/withdrawn/", "/blog/held/", *links.values()]
    proof = StringIO()
    call_command("prove", stdout=proof)
    return {
        "answers": {one: client.get(one).status_code for one in dict.fromkeys(addresses)},
        "member": member.user.email,
        "head": re.search(r"\d+:[0-9a-f]{64}", proof.getvalue())[0],
    }
