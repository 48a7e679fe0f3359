from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect

from blog.models import Answer, CloseReason, Question, Topic
from clinic_site.accounts.form_tokens import TokenField
from clinic_site.backoffice.forms import ActionForm
from clinic_site.text.emergency_words import names_danger
from clinic_site.text.saying import has_visible_letters
from treatments.models import Treatment


class QuestionForm(forms.ModelForm):
    """A question for the answers. An address is asked for only to send the answer to."""

    token = TokenField()

    class Meta:
        model = Question
        fields = ["words", "email"]
        widgets = {
            "words": forms.Textarea(attrs={"rows": 5}),
            "email": forms.EmailInput(
                attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}
            ),
        }
        help_texts = {
            "words": "In a sentence or two, as a question that other people may have too. Please leave out "
            "names and your medical history.",
            "email": "Only if you want us to tell you when the answer is there. We erase it then.",
        }
        error_messages = {
            "words": {"required": "Write your question."},
            "email": {"invalid": "Write an e-mail address, such as name@example.com, or leave it empty."},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.add_input(Submit("send", "Send the question"))

    @property
    def names_danger(self) -> bool:
        """Whether what was typed, right or wrong, tells of a sign that can't wait."""
        return names_danger(self.data.get(self.add_prefix("words"), ""))

    def clean_words(self):
        words = self.cleaned_data["words"]
        if not has_visible_letters(words):
            raise forms.ValidationError("Write your question.")
        return words


class DraftForm(ActionForm):
    """What a draft that answers a question begins with."""

    title = forms.CharField(
        label="The question, in your own words",
        max_length=160,
        help_text="Patients read this one. Leave out whatever tells who asked.",
        widget=forms.TextInput({"class": "vTextField"}),
    )
    treatments = forms.ModelMultipleChoiceField(
        Treatment.objects.all(),
        label="Which treatments is it about?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(),
        label="Which topics is it about?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ExistingAnswerForm(ActionForm):
    answer = forms.ModelChoiceField(
        Answer.objects.all(),
        label="Which answer?",
        help_text="If they left an address, they get a link to it once patients can read it.",
        widget=AutocompleteSelect(Question._meta.get_field("answer"), admin.site),
    )


class CloseForm(ActionForm):
    because = forms.ChoiceField(
        label="Why does it get no answer?",
        choices=CloseReason.choices,
        widget=forms.RadioSelect,
        help_text="If they left an address, a mail tells them, unless it is no question. The address is "
        "erased.",
    )
