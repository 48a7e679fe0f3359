"""A form with one field of each kind that the site's forms have."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.utils.safestring import SafeString

FAULTS = {
    "name": "Write your name.",
    "phone": "Write your phone number.",
    "reason": "Choose what it is about.",
    "answer": "Choose how we answer.",
    "days": "Choose at least one day.",
    "born": "Write your date of birth.",
    "visits": "Write how often you came.",
    "words": "Write your message.",
    "agreed": "Tick the box if you agree.",
}


class SampleForm(forms.Form):
    """One field of each kind that our forms have."""

    name = forms.CharField(label="your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label="your e-mail address", required=False, help_text="Leave it empty if you would rather be called."
    )
    phone = forms.CharField(
        label="your phone number", widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"})
    )
    reason = forms.ChoiceField(
        label="what it is about",
        choices=[("", "Choose one"), ("visit", "A visit"), ("page", "A page on this site")],
        help_text="We send it to whoever knows most about it.",
    )
    answer = forms.ChoiceField(
        label="how we answer",
        choices=[("mail", "By e-mail"), ("phone", "By phone")],
        widget=forms.RadioSelect,
        help_text="Choose one.",
    )
    days = forms.MultipleChoiceField(
        label="when we can reach you",
        choices=[
            ("week", "On weekdays"),
            ("evening", "In the evening, and then only if it cannot wait until the next morning"),
        ],
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose as many as you like.",
    )
    born = forms.DateField(
        label="your date of birth",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday"}),
        help_text="As on your health card.",
    )
    visits = forms.IntegerField(
        label="how often you have been here",
        min_value=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    words = forms.CharField(
        label="your message", widget=forms.Textarea(attrs={"rows": 4}), help_text="Without medical details."
    )
    agreed = forms.BooleanField(
        label="I agree that the clinic keeps this message",
        help_text="You can take this back at any time: call or write to us.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.form_method = "get"
        self.helper.disable_csrf = True  # nothing is sent: reading this page sets no cookie
        self.helper.add_input(Submit("send", "Send it"))
        for name, words in FAULTS.items():
            self.fields[name].error_messages["required"] = words
        self.fields["email"].error_messages["invalid"] = "Write an e-mail address, such as name@example.com."
        self.fields["visits"].error_messages["min_value"] = "Write a number from 0 up."


FILLED = {
    "name": "Ann Sample",
    "email": "ann@example.com",
    "phone": "555 0100",
    "reason": "page",
    "answer": "mail",
    "days": ["week"],
    "born": "1970-02-28",
    "visits": "3",
    "words": "Is there a lift?",
    "agreed": "on",
}
WRONG = {"email": "not an address", "visits": "-1"}


def form_in(state: str) -> SafeString:
    data = {"empty": None, "filled": FILLED, "with faults": WRONG}[state]
    if data is not None:
        data = {f"{state.split()[0]}-{name}": value for name, value in data.items()}
    return render_crispy_form(SampleForm(data, prefix=state.split()[0]))
