"""The front desk: finding people, and noting a late mention."""

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from clinic_site.audit_log import log
from clinic_site.backoffice.site import site
from referrals import front_desk, ledger, rewards
from referrals.admin.base import render_page
from referrals.admin.referral import credit_given
from referrals.errors import ReferralError
from referrals.front_desk_forms import LateMentionForm
from referrals.models import Adjustment, Referral
from referrals.transfer_kinds import ADJUSTMENT_UP, REWARD


@site.page("referrals/desk/", name="referrals_desk", permission=REWARD.right, title="Front desk")
@require_safe
def front_desk_page(request):
    found = front_desk.find(request.GET.get("q", ""))
    waiting = [] if found.typed else front_desk.waiting()
    approves = request.user.has_perm(ADJUSTMENT_UP.right)
    return render_page(
        request,
        "admin/referrals/front_desk.html",
        title="Front desk",
        found=found,
        waiting=waiting[: 2 * front_desk.SHOWN],
        more_waiting=len(waiting) > 2 * front_desk.SHOWN,
        to_approve=Adjustment.objects.waiting().count() if approves else 0,
    )


@site.page("referrals/desk/late-mention/", name="referrals_late_mention", permission=REWARD.right)
@require_http_methods(["GET", "HEAD", "POST"])
def late_mention(request):
    is_sent, refused = request.method == "POST", None
    form = LateMentionForm(request.POST if is_sent else None, initial={"who": request.GET.get("to", "")})
    if is_sent and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("on", "visit_number", "token")}
        try:
            with ledger.locked():
                is_new = not Referral.objects.filter(token=typed["token"]).exists()
                referral, given = rewards.mention_late(form.chosen, by=request.user, **typed)
                words = f"{referral}: a late mention, noted. {credit_given(referral, given)}"
                if is_new:
                    log.write("late mention", referral, by=request.user, said=words)
        except ReferralError as error:
            refused = error
        else:
            messages.success(request, words)
            return redirect("admin:referrals_referral_change", referral.pk)
    return render_page(
        request,
        "admin/referrals/late_mention.html",
        status=422 if is_sent else 200,
        title="Late mention",
        form=form,
        refused=refused,
    )
