from django.contrib import admin
from django.db.models import OuterRef, Subquery
from post_office.models import STATUS, Log

from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.model_admin import BaseAdmin, ReadOnly
from clinic_site.notifications.models import Mail


def tried_again(mail, *, by) -> str:
    mail.try_again()
    return f"{mail} waits to be sent again."


@admin.register(Mail)
class MailAdmin(ReadOnly, BaseAdmin):
    """What became of each mail. What it says is its reader's."""

    list_display = ("to_whom", "subject", "created", "status", "tries", "next_try", "trouble")
    list_filter = ("status",)
    search_fields = ("to", "subject")
    fields = ("to_whom", "subject", "created", "status", "tries", "next_try", "trouble")
    row_actions = (
        Action(
            "again",
            "Send again…",
            "notifications.change_mail",
            tried_again,
            is_open=lambda mail: mail.has_failed,
            help_text="First fix what “Error” names: an address, or the mail server.",
        ),
    )

    def get_queryset(self, request):
        newest = Log.objects.filter(email=OuterRef("pk"), status=STATUS.failed).order_by("-pk")
        return (
            super()
            .get_queryset(request)
            .annotate(said=Subquery(newest.values("message")[:1]))
            .defer("message", "html_message")
        )

    @admin.display(description="to")
    def to_whom(self, mail):
        return ", ".join(mail.to)

    @admin.display(description="tried again", ordering="number_of_retries")
    def tries(self, mail):
        many = mail.number_of_retries or 0
        return "no" if not many else "once" if many == 1 else f"{many} times"

    @admin.display(description="next try", ordering="scheduled_time")
    def next_try(self, mail):
        none = {STATUS.sent: "none: it was sent", STATUS.failed: "none, unless somebody sends it again"}
        return none.get(mail.status) or mail.scheduled_time or "as soon as possible"

    @admin.display(description="error")
    def trouble(self, mail):
        return mail.said if mail.said and mail.status != STATUS.sent else "none"
