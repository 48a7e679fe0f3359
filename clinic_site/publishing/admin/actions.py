"""The verbs of publishing as actions of the admin: what each asks for, and what it says when it has
happened.
"""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic_site.accounts.second_factor_forms import AsksAgain
from clinic_site.backoffice.forms import ActionForm
from clinic_site.backoffice.model_admin import BaseAdmin
from clinic_site.pages.diff import digest_of_changes
from clinic_site.publishing.change_notes import Nature, asked_of
from clinic_site.publishing.models import PublishingError, Stop
from clinic_site.publishing.self_review import SELF_REVIEW_CHECKLIST, self_review


def _reason(label: str, help_text: str = "") -> forms.CharField:
    """A few lines of text. The verb refuses an empty one, in its own words."""
    box = forms.Textarea({"rows": 3})
    return forms.CharField(label=label, help_text=help_text, max_length=2000, widget=box, required=False)


class NoteForm(ActionForm):
    change_note = _reason(
        "What changed, and why?", "A sentence or two. Patients can read it in the page's history."
    )
    nature = forms.ChoiceField(
        label="What kind of change is it?",
        help_text="Corrections are listed for patients on a page of their own.",
        choices=Nature.choices,
        widget=forms.RadioSelect,
        initial=Nature.UPDATE,
        required=False,
    )
    was_wrong = forms.TypedChoiceField(
        label="Was what patients read wrong?",
        choices=[("yes", "Yes: this corrects it"), ("no", "No: it was right when they read it")],
        coerce=lambda answer: answer == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        required=False,  # likewise
    )


class SubmitForm(NoteForm):
    """Asks what kind of change it is where patients read the page before; and whether that was wrong, where a
    figure, a source or urgent words change.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        last = self.row.editions.read_last()
        self.asked = asked_of(last, self.row.compose()) if last else ()
        if not self.asked:
            del self.fields["was_wrong"]
        if not last and not self.row.was_read_elsewhere:
            del self.fields["nature"]


class ReasonForm(ActionForm):
    because = _reason("Why?")


class WithdrawForm(ReasonForm):
    """Says who will read the reason."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["because"].help_text = f"{self.row.if_withdrawn}."


class ReturnForm(ReasonForm):
    because = _reason("What has to change?", "The writers find it above their draft.")


class TakeBackForm(ReasonForm):
    because = _reason("Why?", "Optional. Staff see it with the edition.")


class MomentField(forms.DateTimeField):
    def to_python(self, value):
        try:
            return super().to_python(value)
        except ValidationError as wrong:
            if wrong.code != "ambiguous_timezone":
                raise
            raise ValidationError(
                "The clocks are put forward or back in that hour, so the time isn't there or comes twice. "
                "Choose another one."
            ) from wrong


class MomentForm(ActionForm):
    """When patients can read it."""

    NOW, LATER = "now", "later"
    when = forms.ChoiceField(
        label="When can patients read it?",
        choices=[(NOW, "At once"), (LATER, "From a time that I choose")],
        widget=forms.RadioSelect,
        initial=NOW,
    )
    live_from = MomentField(
        label="From",
        required=False,
        widget=forms.DateTimeInput(
            {"type": "datetime-local", "data-wanted-with": f"when:{LATER}"}, format="%Y-%m-%dT%H:%M"
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["live_from"].help_text = f"In the clinic's own time ({settings.TIME_ZONE})."

    def clean(self):
        cleaned = super().clean()
        when, live_from = cleaned.pop("when", None), cleaned.get("live_from")
        if when == self.LATER and not live_from and "live_from" not in self.errors:
            self.add_error("live_from", "Choose the day and the time.")
        if when != self.LATER and live_from:
            self.add_error(
                "when", "You entered a time as well. Choose “From a time that I choose”, or clear the time."
            )
        return {**cleaned, **self.chosen(when)}

    def chosen(self, when) -> dict:
        return {}


class SignForm(AsksAgain, MomentForm):
    """What would be refused anyway is said before the second factor is looked at: no code is spent on it."""

    HOLD = "hold"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["when"].choices += [(self.HOLD, "Not yet: somebody publishes it later")]
        self.reworded = self.row.reworded()
        if now := digest_of_changes(self.reworded):
            self.fields = {
                "despite": forms.MultipleChoiceField(
                    label="A claim was changed since",
                    widget=forms.CheckboxSelectMultiple,
                    choices=[(now, "I have read what it says now, and sign the words before all the same")],
                    error_messages={
                        "required": "Tick that you have read what was changed, or send the page back.",
                        "invalid_choice": "A claim was changed again while you read. Read what it says now.",
                    },
                )
            } | self.fields
        self.is_self_review = settings.SOLE_CLINICIAN and self.row.is_work_of(self.by)
        self.blocked = self.row.why_not(self.by, as_self_review=self.is_self_review)
        if self.is_self_review:
            own = {
                "self_review_ticked": forms.MultipleChoiceField(
                    label="You wrote part of this. Tick what you have done",
                    widget=forms.CheckboxSelectMultiple,
                    required=False,
                    choices=[(line, line) for line in SELF_REVIEW_CHECKLIST],
                ),
                "self_review_asked": forms.CharField(
                    label="Who else was asked to read it?",
                    max_length=300,
                    required=False,
                    help_text="A colleague elsewhere, say, and what came of it; or why nobody was. For "
                    "staff.",
                ),
                "self_review_because": forms.CharField(
                    label="Why do you sign it yourself?",
                    max_length=300,
                    required=False,
                    widget=forms.Textarea({"rows": 2}),
                    help_text="Patients read it under the page, which says that one clinician wrote and "
                    "reviewed it.",
                ),
            }
            self.fields = own | self.fields

    def chosen(self, when):
        if self.blocked:
            self.add_error(None, self.blocked)
        elif self.is_self_review:
            given = self.cleaned_data
            try:
                self_review(
                    given["self_review_because"], given["self_review_ticked"], given["self_review_asked"]
                )
            except (PublishingError, KeyError) as refused:
                self.add_error(
                    None,
                    str(refused) if isinstance(refused, PublishingError) else "Check the fields below.",
                )
        return {"hold": when == self.HOLD, "despite": "".join(self.cleaned_data.get("despite", ()))}


def _from_when(edition) -> str:
    if edition.live_from is None:
        return "Patients can't read it until somebody publishes it."
    if edition.live_from > timezone.now():
        return f"Patients can read it from {timezone.localtime(edition.live_from):%-d %B %Y, %H:%M}."
    return "Patients can read it now."


def submit(document, *, by, **said):
    edition = document.submit(by=by, **said)
    return (
        f"Edition {edition.number} waits for a signature. Its words are sealed; you can go on working on "
        "the draft."
    )


def withdraw(row, *, by, because):
    follows = row.withdraw(by=by, because=because)
    return f"Withdrawn. {follows}: {because.strip()}"


def sign(edition, *, by, **how):
    edition.sign(by=by, **how)
    return f"Edition {edition.number} is signed. {_from_when(edition)}"


def publish(edition, *, by, live_from):
    edition.publish(by=by, live_from=live_from)
    return f"Edition {edition.number} is published. {_from_when(edition)}"


def send_back(edition, *, by, because):
    edition.send_back(by=by, because=because)
    return f"Edition {edition.number} went back to its writers: {because.strip()}"


def take_back(edition, *, by, because):
    edition.take_back(by=by, because=because)
    return f"Edition {edition.number} is taken back: nobody signs it. {edition.returned_because}"


def stop_saying(claim, *, by, because):
    Stop.say(claim, by=by, because=because)
    return f"Patients no longer read [[{claim.key}]], on any page: {because.strip()}"


def lift(stop, *, by):
    stop.lift(by=by)
    return f"Patients read [[{stop.claim.key}]] again."


class PublishingAdmin(BaseAdmin):
    """A room's admin whose verbs refuse with `PublishingError`."""

    refusals = (PublishingError, PermissionError)
    logs_values = True
