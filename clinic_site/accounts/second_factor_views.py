"""The admin's pages about one's own second factor.

They open to staff who have typed their password; but who has a second factor gives it first.
"""

from collections.abc import Callable
from functools import update_wrapper

from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from clinic_site.accounts import second_factor
from clinic_site.accounts.qr import qr
from clinic_site.accounts.second_factor import NotProven, Standing
from clinic_site.accounts.second_factor_forms import NewAppForm, NewPasskeyForm, ProofForm, RemoveForm


def urls(site) -> list:
    views: list[tuple[str, str, Callable]] = [
        ("", "second_factor", overview),
        ("code/", "second_factor_code", give_code),
        ("app/", "second_factor_app", new_app),
        ("passkey/", "second_factor_passkey", new_passkey),
        ("recovery-codes/", "second_factor_codes", recovery_codes),
        ("<int:pk>/remove/", "second_factor_remove", remove),
    ]
    return [
        path(f"second-factor/{address}", _for_staff(site, view), name=name) for address, name, view in views
    ]


def _for_staff(site, view: Callable) -> Callable:
    def opened(request, *args, **kwargs):
        if not site.has_password_permission(request):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if view is not give_code and second_factor.standing(request) is Standing.GIVE:
            return redirect(site.outstanding(request, request.get_full_path()))
        request.current_app = site.name
        return view(request, site, *args, **kwargs)

    return never_cache(csrf_protect(update_wrapper(opened, view)))


def _page(request, site, template: str, title: str, form=None, **context) -> TemplateResponse:
    context |= {**site.each_context(request), "title": title, "form": form}
    is_refused = form is not None and form.is_bound and form.errors
    return TemplateResponse(
        request, f"admin/second_factor/{template}.html", context, status=422 if is_refused else 200
    )


def give_code(request, site):
    """The second half of signing in."""
    then = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(then, {request.get_host()}, require_https=request.is_secure()):
        then = reverse("admin:index")
    if second_factor.standing(request) is not Standing.GIVE:
        return redirect(then)
    form = ProofForm(request.POST or None, by=request.user)
    if form.is_valid():
        second_factor.let_in(request)
        return redirect(then)
    return _page(request, site, "code", "Your second factor", form, then=then)


def overview(request, site):
    factors = [
        {
            "factor": factor,
            "name": second_factor.named(factor),
            "may_go": second_factor.may_be_removed(factor),
        }
        for factor in second_factor.factors_of(request.user).select_related("user")
    ]
    return _page(
        request,
        site,
        "overview",
        "Second factor",
        factors=factors,
        codes_left=second_factor.codes_left(request.user),
        has_app=any(one["factor"].type == second_factor.Type.TOTP for one in factors),
        is_demanded=second_factor.is_demanded(),
        passkeys_work=second_factor.passkeys_work(request),
    )


def new_app(request, site):
    form = NewAppForm(request.POST or None, by=request.user)
    if form.is_valid():
        second_factor.set_up_app(request, counter=form.cleaned_data["counter"])
        return _after_setting_up(request, "The authenticator app is your second factor now.")
    secret = second_factor.pending_app(request)
    address = get_adapter().build_totp_url(request.user, secret)
    side, drawn = qr(address)
    return _page(
        request,
        site,
        "app",
        "Set up an authenticator app",
        form,
        address=address,
        side=side,
        drawn=drawn,
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
    )


def new_passkey(request, site):
    form = NewPasskeyForm(request.POST or None, by=request.user)
    if form.is_valid():
        try:
            second_factor.set_up_passkey(
                request, name=form.cleaned_data["name"], credential=form.cleaned_data["credential"]
            )
        except NotProven as refused:
            form.add_error("name", str(refused))
        else:
            return _after_setting_up(request, "The passkey is your second factor now.")
    return _page(request, site, "passkey", "Set up a passkey", form)


def _after_setting_up(request, happened: str):
    messages.success(request, happened)
    return redirect(
        "admin:second_factor_codes" if second_factor.shown_codes(request) else "admin:second_factor"
    )


def recovery_codes(request, site):
    codes, form = second_factor.shown_codes(request), None
    if not codes:
        if not second_factor.factors_of(request.user).exists():
            return redirect("admin:second_factor")
        form = ProofForm(request.POST or None, by=request.user)
        if form.is_valid():
            second_factor.make_codes(request)
            return redirect("admin:second_factor_codes")
    elif "kept" in request.POST:
        del request.session[second_factor.SHOWN_CODES]
        return redirect("admin:second_factor")
    elif "file" in request.POST:
        text = "\n".join(
            [
                f"Recovery codes for {request.get_host()}, {request.user.email}. Each works once.",
                "",
                *codes,
                "",
            ]
        )
        return HttpResponse(
            text,
            content_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="recovery-codes.txt"'},
        )
    return _page(request, site, "codes", "Recovery codes", form, codes=codes)


def remove(request, site, pk):
    factor = get_object_or_404(second_factor.factors_of(request.user).select_related("user"), pk=pk)
    form, refused = RemoveForm(request.POST or None, by=request.user), None
    if not second_factor.may_be_removed(factor):
        messages.error(
            request, "This is your only second factor, and one is needed here. Set up another one first."
        )
        return redirect("admin:second_factor")
    if form.is_valid():
        name = second_factor.named(factor)
        try:
            second_factor.remove(request, factor)
        except PermissionError as error:  # the other one went meanwhile
            refused = error
        else:
            messages.success(request, f"Removed: {name}.")
            return redirect("admin:second_factor")
    return _page(
        request,
        site,
        "remove",
        f"Remove: {second_factor.named(factor)}",
        form,
        refused=refused,
        is_last=second_factor.factors_of(request.user).count() == 1,
    )
