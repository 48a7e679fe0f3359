from django.contrib import admin

from clinic_site.staff.admin_bases import RoomAdmin, RoomForm
from referrals.models import Terms


class TermsForm(RoomForm):
    constraint_words = {
        "a_reward_is_above_zero": "The member's reward is above zero.",
        "a_cap_is_above_zero": "The cap is above zero.",
        "one_version_a_day": "Terms of that day stand already. A change begins on another day.",
    }


@admin.register(Terms)
class TermsAdmin(RoomAdmin):
    """Written once: whoever accepted a version must find it as it was. A change is a new version."""

    form = TermsForm
    actions = None
    list_display = ("from_on", "member_cents", "friend_cents", "cap_per_year", "made_at")

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
