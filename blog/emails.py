"""Mails about questions. None repeats what was asked: a mailbox may be shared."""

from django.conf import settings
from django.urls import reverse

from blog.models import Answer, CloseReason, Question
from clinic_site.notifications.mail import MailContent, queue
from clinic_site.registry import branding

_ERASED = "We have erased your e-mail address from your question."
_NO_ANSWER = {
    CloseReason.PERSONAL: "It is about one person’s own care, and that does not belong on a public page. "
    "Please call us or write to us: a clinician can talk it over with you.",
    CloseReason.OUTSIDE: "It is not about what we explain on this site, so we can’t answer it well.",
}


def tell_staff(question: Question) -> None:
    """Queue a mail that says a question came, not what it says."""
    if to := branding().email:
        subject = (
            "Read at once: a question names a danger"
            if question.names_danger
            else "A question for the answers has come in"
        )
        waiting = f"Question {question.reference} is waiting in the admin."
        address = settings.SITE_URL + reverse("admin:blog_question_change", args=[question.pk])
        queue(MailContent(subject, (waiting,), links=(("Read", address),)), to)


def send_answer(question: Question, answer: Answer, to: str) -> None:
    opening = f"You asked us a question on our website ({question.reference}). The answer is there now."
    address = settings.SITE_URL + answer.get_absolute_url()
    links = (("Read the answer", address),)
    queue(MailContent("The answer to your question", (opening,), links=links, closing=(_ERASED,)), to)


def send_refusal(question: Question, to: str) -> None:
    """Say that no answer comes, and why. Nothing where it was no question."""
    if why := _NO_ANSWER.get(CloseReason(question.closed_because)):
        opening = (
            f"You asked us a question on our website (number {question.reference}). We will not publish an "
            "answer to it."
        )
        address = settings.SITE_URL + reverse("clinic:contact")
        links = (("Contact us", address),)
        queue(MailContent("About your question", (opening, why), links=links, closing=(_ERASED,)), to)
