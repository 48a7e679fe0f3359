"""The mails about a request for a visit: each goes into our database with what caused it."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from post_office.models import Email

from clinic_site.notifications.mail import MailContent, queue
from clinic_site.registry import Branding, branding

MAILS_A_DAY = 3  # mails to one mailbox that somebody typed as theirs: it may be somebody else's


def came_in(request) -> None:
    """To whoever asked: what happens next, and the way back. To the desk: that somebody waits, not who."""
    head = branding()
    same = type(request).objects.filter(same_email=request.same_email, at__gt=request.at - timedelta(days=1))
    if request.email and same.count() <= MAILS_A_DAY:
        back = settings.SITE_URL + reverse("visits:take-back", args=[request.key])
        mail = MailContent(
            "We have your request for a visit",
            (
                "Thank you. We will contact you to find a time for a first visit.",
                "Whether a treatment is right for you is decided face to face, and the answer may be no.",
            ),
            rows=(("Your reference number", request.reference),),
            links=(("Take it back, and erase what you typed", back),),
            closing=("Did somebody else type your address? Use the same link: what they typed is erased.",),
        )
        _send(request, mail, request.email, head)
    address = settings.SITE_URL + reverse("admin:visits_visitrequest_change", args=[request.pk])
    subject = (
        "Read at once: a request for a visit names a danger"
        if request.names_danger
        else "Somebody asks for a visit"
    )
    opening = f"Request {request.reference} is waiting in the admin."
    told = MailContent(subject, (opening,), links=(("Open it in the admin", address),))
    _send(request, told, head.email, head)


def taken_back(request) -> None:
    """The mails about it go, those that were sent too. The desk is told."""
    Email.objects.filter(visit__request=request).delete()
    head = branding()
    if head.email:
        was = "nobody had taken it yet" if request.state == "new" else f"it was marked as {request.state}"
        opening = (
            f"Request {request.reference} was taken back ({was}). What was typed is erased. Please do not "
            "contact this person."
        )
        queue(MailContent("A request for a visit was taken back", (opening,)), head.email, head=head)


def _send(request, mail: MailContent, to: str, head: Branding) -> None:
    if to and (row := queue(mail, to, head=head)):
        request.mails.create(mail=row)
