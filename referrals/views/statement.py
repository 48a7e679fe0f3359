"""A member's own pages: the statement, their link and its card, the name on the link, the way out."""

from django.contrib.auth import logout
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clinic_site.privacy.personal_data import as_file, erase_own_data, own_data
from referrals.credit_lots import book_of
from referrals.csv_lines import csv_response
from referrals.forms import LinkNameForm
from referrals.membership import member_required, newer_terms
from referrals.qr import picture
from referrals.statement import PRINTED, rows_of, statement_of

NOT_IN_THE_FILE = {
    "Not in this file": [
        {
            "With a telephone number alone": "What you left without this e-mail address. A number doesn’t "
            "show us here that it is you. Ask the front desk: they look with you."
        }
    ]
}


@require_safe
@member_required
def statement(request):
    found = statement_of(
        request.member, entries_page=request.GET.get("transfers"), referrals_page=request.GET.get("referrals")
    )
    return render(
        request,
        "referrals/statement.html",
        {
            "member": request.member,
            "statement": found,
            "newer_terms": newer_terms(request.member),
            "printed": PRINTED,
            "done": request.GET.get("done"),
        },
    )


@require_safe
@member_required
def download(request):
    head = ("date", "reason", "amount", "balance", "transfer number")
    return csv_response("statement", [head, *rows_of(request.member)])


@require_safe
@member_required
def card(request):
    return render(request, "referrals/card.html", {"member": request.member, "terms": request.member.terms})


@require_safe
@member_required
def qr_code(request):
    name = f'attachment; filename="{request.member.code}.svg"'
    return HttpResponse(
        picture(request.member.link), content_type="image/svg+xml", headers={"Content-Disposition": name}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def link_name(request):
    saved = request.member.named_as  # checking the form writes what was typed onto the member
    form = LinkNameForm(request.POST or None, instance=request.member)
    if form.is_bound and form.is_valid() and "preview" not in request.POST:
        request.member.be_named(form.cleaned_data["named_as"])
        return redirect(reverse("referrals:statement") + "?done=named")
    reads = saved if form.errors else request.member.named_as
    context = {"form": form, "member": request.member, "reads": reads}
    return render(request, "referrals/link_name.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def leave(request):
    if request.method == "POST":
        request.member.leave()
        return redirect(reverse("referrals:statement") + "?done=left")
    return render(request, "referrals/leave.html", {"member": request.member})


@require_safe
@member_required
def held(request):
    """Everything that the site holds about the member, as a file."""
    file = JsonResponse(
        as_file(own_data(request.user.email)) | NOT_IN_THE_FILE,
        json_dumps_params={"indent": 2, "ensure_ascii": False},
    )
    file["Content-Disposition"] = 'attachment; filename="held-about-you.json"'
    return file


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def be_forgotten(request):
    if request.method == "POST":
        erase_own_data(request.user.email)
        logout(request)
        return render(request, "referrals/forgotten.html")
    return render(
        request, "referrals/be_forgotten.html", {"balance": book_of(request.member.account).balance}
    )
