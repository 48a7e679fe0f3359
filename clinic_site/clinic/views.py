from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from blog.views import live_answers
from clinic_site.accounts.rate_limits import is_within
from clinic_site.clinic.forms import ContactForm
from clinic_site.clinic.models import Accreditation, Details, Message, Policy, Testimonial
from clinic_site.clinic.people import shown_people
from clinic_site.editorial.checks import RULES
from clinic_site.notifications.mail import MailContent, queue
from clinic_site.publishing.reading import answers_for_readers, as_it_stood, cards, history_of, read
from clinic_site.registry import branding
from treatments.body import placed
from treatments.views import treatment_cards

TOO_MANY = (
    "Many messages have come from your network just now. Please try again in an hour, or call us. Yours was "
    "not sent: what you typed is still here."
)


@require_safe
def home(request):
    return render(
        request,
        "clinic/home.html",
        {
            "places": placed(treatment_cards()),
            "answers": cards(live_answers().order_by("-posted_on", "-pk")[:4]),
            "testimonials": Testimonial.objects.shown()[:3],
            "accreditations": Accreditation.objects.shown().select_related("logo"),
        },
    )


@require_safe
@answers_for_readers
def policy(request, slug):
    reading = read(Policy, slug)
    return render(request, "clinic/policy.html", {"reading": reading, "page": reading.page})


@require_safe
@answers_for_readers
def about(request):
    reading = read(Policy, "about")
    shown = {"reading": reading, "page": reading.page, "people": shown_people()}
    return render(request, "clinic/about.html", shown)


@require_safe
@answers_for_readers
def how_we_write(request):
    reading = read(Policy, "how-we-write")
    rules = [rule for rule in RULES if rule.promise]
    return render(
        request, "clinic/how_we_write.html", {"reading": reading, "page": reading.page, "rules": rules}
    )


@require_safe
@answers_for_readers
def policy_history(request, slug):
    return render(request, "publishing/history.html", {"history": history_of(Policy, slug)})


@require_safe
@answers_for_readers
def policy_edition(request, slug, number):
    reading = as_it_stood(Policy, slug, number)
    return render(request, "clinic/policy.html", {"reading": reading, "page": reading.page, "is_old": True})


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request):
    form = ContactForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        if message := take_message(request, form):
            return redirect(reverse("clinic:contact-sent") + f"?reference={message.reference}")
        form.add_error(None, TOO_MANY)
        status = 429
    return render(
        request,
        "clinic/contact.html",
        {"form": form},
        status=status,
    )


def take_message(request, form: ContactForm) -> Message | None:
    """The message that the form makes, or made when it was sent before. None where too many came."""
    token, typed = form.cleaned_data["token"], {name: form.cleaned_data[name] for name in form.Meta.fields}
    if before := Message.objects.filter(token=token, **typed).first():
        return before
    if not is_within(request, "contact"):
        return None
    with transaction.atomic():
        message, is_new = Message.take(token, **typed)
        if is_new:
            tell_the_desk(message)
    return message


def tell_the_desk(message: Message) -> None:
    """Queue a mail that says a message came, not what it says."""
    to = branding().email
    if to:
        subject = (
            "Read at once: a message names a danger" if message.names_danger else "A message has come in"
        )
        waiting = f"Message {message.reference} is waiting in the admin."
        address = settings.SITE_URL + reverse("admin:clinic_message_changelist") + f"?q={message.reference}"
        queue(MailContent(subject, (waiting,), links=(("Read", address),)), to)


@require_safe
def contact_sent(request):
    reference = request.GET.get("reference", "")
    message = (
        Message.objects.filter(reference=reference).first()
        if reference.isascii() and reference.isalnum()
        else None
    )
    if message is None:
        raise Http404
    context = {"reference": reference, "is_danger": message.names_danger}
    return render(request, "clinic/contact_sent.html", context)


@require_safe
def testimonials(request):
    details = Details.current()
    if not details.show_testimonials:
        raise Http404
    return render(
        request, "clinic/testimonials.html", {"clinic": details, "testimonials": Testimonial.objects.shown()}
    )


@require_safe
def accreditations(request):
    return render(
        request,
        "clinic/accreditations.html",
        {"accreditations": Accreditation.objects.shown().select_related("logo")},
    )
