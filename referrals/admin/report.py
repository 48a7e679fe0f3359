"""The owner's report, on the screen and as spreadsheets."""

from django.http import Http404
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic_site.backoffice.site import site
from referrals.admin.base import render_page
from referrals.csv_lines import csv_response
from referrals.export import ledger_rows
from referrals.front_desk_forms import DayForm
from referrals.report_tables import tables


@site.page(
    "referrals/report/",
    name="referrals_report",
    permission="referrals.view_report",
    title="What the clinic owes",
)
@require_safe
def report(request):
    form = DayForm(request.GET if "on" in request.GET else {"on": timezone.localdate()}, label_suffix="")
    on = form.cleaned_data["on"] if form.is_valid() else timezone.localdate()
    return render_page(
        request,
        "admin/referrals/report.html",
        title="What the clinic owes",
        form=form,
        on=on,
        tables=tables(on),
    )


@site.page(
    "referrals/report/<slug:name>.csv", name="referrals_report_csv", permission="referrals.view_report"
)
@require_safe
def report_csv(request, name):
    if name == "ledger":
        return csv_response(f"ledger-{timezone.localdate()}", ledger_rows())
    form = DayForm(request.GET)
    table = tables(form.cleaned_data["on"]).get(name) if form.is_valid() else None
    if table is None:
        raise Http404
    return csv_response(f"{name}-{form.cleaned_data['on']}", table.plain())
