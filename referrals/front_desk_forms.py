"""Forms of the front desk's actions. The rules are the verbs': a form reads what was typed, and keeps it."""

from datetime import date
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone

from clinic_site.amounts import AmountField
from clinic_site.backoffice.forms import ActionForm
from clinic_site.text.normalise import plain_number
from referrals import credit, front_desk
from referrals.codes import read_code, spoken
from referrals.formats import day
from referrals.models import INVOICE, DeclineReason, Member

NOT_A_DAY = "Choose the day, or enter it as year-month-day: 2026-03-21."
NOT_ALLOWED = (
    "The terms that this person accepted don't name that. What isn't named can't be paid with credit."
)


def day_field(**kwargs) -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": NOT_A_DAY, "invalid": NOT_A_DAY},
        **kwargs,
    )


def short(**attrs) -> forms.TextInput:
    return forms.TextInput({"class": "vTextField", "autocomplete": "off", "spellcheck": "false", **attrs})


def reason_field(help_text: str) -> forms.CharField:
    # the verb refuses an empty one, in its own words
    return forms.CharField(
        label="Why?", required=False, max_length=200, help_text=help_text, widget=forms.Textarea({"rows": 2})
    )


def token_field() -> forms.UUIDField:
    """The same form sent twice does its work once."""
    return forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class NumberField(forms.CharField):
    """What stands on an invoice or in the books, as somebody types or pastes it."""

    def to_python(self, value):
        return plain_number(super().to_python(value))


class AttendedForm(ActionForm):
    on = day_field(label="Which day did they come?", initial=timezone.localdate)
    visit_number = NumberField(
        label="Number of the visit",
        help_text="If your books have one, such as V-1042. A visit counts for one referral.",
        required=False,
        max_length=20,
        widget=short(),
    )


class DeclineForm(ActionForm):
    because = forms.ChoiceField(
        label="Why does it bring no credit? The friend",
        choices=DeclineReason,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a reason."},
    )


class RedeemForm(ActionForm):
    amount = AmountField(label="How much?", help_text="Such as 20 or 12.50.")
    spent_on = forms.ChoiceField(
        label="What for?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what for.", "invalid_choice": NOT_ALLOWED},
    )
    invoice = NumberField(
        label="Invoice number",
        help_text="Such as 2026-0142.",
        max_length=16,
        widget=short(),
        validators=[
            RegexValidator(
                INVOICE.regex, "That is no invoice number. Enter it without words, such as 2026-0142."
            )
        ],
        error_messages={"required": "Enter the invoice's number."},
    )
    again = forms.BooleanField(label="This invoice a second time", required=False)
    token = token_field()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.again = self.fields["again"]
        if "again" not in self.data:
            del self.fields["again"]
        kinds = credit.things_for(self.row)
        self.fields["spent_on"].choices = [(kind, kind) for kind in kinds]
        if len(kinds) == 1:
            self.fields["spent_on"].initial = kinds[0]

    def clean(self):
        cleaned = super().clean()
        earlier = credit.paid_for(self.row, cleaned.get("invoice", ""), token=cleaned.get("token"))
        if earlier and not cleaned.get("again") and not self.errors:
            self.fields["again"] = self.again
            self.add_error("again", f"{earlier} Nothing has moved now.")
        return cleaned


class ReverseForm(ActionForm):
    because = reason_field(
        "The member may read it on their statement. Without anybody's name: it stays for good."
    )


class AdjustForm(ActionForm):
    GIVE, TAKE = "give", "take"
    way = forms.ChoiceField(
        label="Give or remove credit?",
        choices=[(GIVE, "Give credit"), (TAKE, "Remove credit")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether to give or remove credit."},
    )
    amount = AmountField(label="How much?", help_text="Such as 20 or 12.50.")
    because = reason_field(
        "The member reads it on their statement. Without anybody's name: it stays for good."
    )
    token = token_field()

    def clean(self):
        cleaned = super().clean()
        way, amount = cleaned.pop("way", None), cleaned.pop("amount", 0)
        return {**cleaned, "cents": -amount if way == self.TAKE else amount}


class LateMentionForm(forms.Form):
    """A friend at the desk says who sent them. A name may be several people's: then one of them is chosen."""

    who = forms.CharField(
        label="Who sent them? The code, or the member's name",
        max_length=front_desk.LONGEST_SEARCH,
        widget=short(),
        help_text="Any spelling of the code will do.",
        error_messages={"required": "Enter the member's code or name."},
    )
    member = forms.ChoiceField(label="Which one?", required=False, widget=forms.RadioSelect)
    on = day_field(label="Which day did the friend come?", initial=timezone.localdate)
    visit_number = NumberField(
        label="Number of the visit",
        help_text="As in your books, such as V-1042. A visit counts for one referral.",
        max_length=20,
        widget=short(),
        error_messages={"required": "Enter the number of the visit: it shows that somebody came."},
    )
    token = token_field()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.members = self._meant()
        if self.needs_a_choice:
            self.fields["member"].choices = [(str(member.pk), _described(member)) for member in self.members]
        else:
            del self.fields["member"]

    def _meant(self) -> list[Member]:
        typed = front_desk.clean(self.data.get(self.add_prefix("who"), "")) if self.is_bound else ""
        return front_desk.find_members(typed) if typed else []

    @property
    def needs_a_choice(self) -> bool:
        """A name or an address was typed. A code with its check letter is nobody else's."""
        return bool(self.members) and self.members[0].code != read_code(
            self.data.get(self.add_prefix("who"), "")
        )

    def clean_who(self):
        typed = self.cleaned_data["who"]
        if not self.members:
            raise ValidationError(
                "No member has this code. Compare it letter by letter, or write the member's name."
                if read_code(typed)
                else "No member is found by that. Codes have seven letters and figures, such as K7M-4QX2; of "
                "a name, the first letters are enough."
            )
        return typed

    def clean_member(self):
        if not self.cleaned_data["member"]:
            raise ValidationError("Choose the member who is meant.")
        return self.cleaned_data["member"]

    @property
    def chosen(self) -> Member:
        """The member who is meant, of a valid form."""
        return next(
            m for m in self.members if not self.needs_a_choice or str(m.pk) == self.cleaned_data["member"]
        )


def _described(member: Member) -> str:
    left = ", left" if member.left_at else ""
    return (
        f"{member.user.name or 'No name'}, {spoken(member.code)}, a member since "
        f"{day(member.joined_at)}{left}"
    )


class DayForm(forms.Form):
    """The day of a report."""

    on = day_field(label="As it stood at the end of", required=False)

    def clean_on(self) -> date:
        on = self.cleaned_data["on"] or timezone.localdate()
        if on > timezone.localdate():
            raise ValidationError("That day is still to come.")
        if on.year < 2000:
            raise ValidationError("That is before anything was kept here.")
        return on
