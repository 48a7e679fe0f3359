from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.validators import MaxLengthValidator

from clinic_site.backoffice.edit_conflict_pages import RecoverableForm

MOST_WORDS = 60_000  # characters: a field that is longer holds a document that was pasted by mistake


TOO_LONG = MaxLengthValidator(
    MOST_WORDS,
    f"This has %(show_value)d characters, and {MOST_WORDS} fit. Is it a whole document? Nothing has been "
    "saved: shorten it, and "
    "save again.",
)


NO_TEXT = (forms.UUIDField, forms.JSONField)  # Django derives them from a text's field


def limit_words(form: forms.BaseForm) -> None:
    """A text without a limit of its own gets one.

    It isn't told to the browser, which would cut a pasted text in silence.
    """
    for field in form.fields.values():
        if isinstance(field, forms.CharField) and not isinstance(field, NO_TEXT) and field.max_length is None:
            field.validators = [*field.validators, TOO_LONG]


class BaseForm(RecoverableForm, forms.ModelForm):
    """Says a constraint that would be broken in words: `constraint_words` by the constraint's name."""

    constraint_words: dict[str, str] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        limit_words(self)
        for name, shown in self.fields.items():
            widget = getattr(shown.widget, "widget", shown.widget)
            if isinstance(widget, PreloadedAutocompleteSelect) and name in self.instance._state.fields_cache:
                widget.row = getattr(self.instance, name)

    def _clean_fields(self):
        super()._clean_fields()
        for name, value in self.cleaned_data.items():
            if isinstance(value, str):  # a browser sends a line break as two characters
                self.cleaned_data[name] = value.replace("\r\n", "\n")

    def _update_errors(self, errors):
        for problem in getattr(errors, "error_dict", {}).get(NON_FIELD_ERRORS, []):
            for name, words in self.constraint_words.items():
                if f"“{name}”" in str(problem.message):
                    problem.message = words
        super()._update_errors(errors)


class ActionForm(forms.Form):
    """What an action asks for before it runs. By itself: nothing but the button."""

    def __init__(self, *args, row, by, **kwargs):
        self.row, self.by = row, by
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        limit_words(self)


class PreloadedAutocompleteSelect(AutocompleteSelect):
    """A choice by search that knows the `row` chosen already: a form of eighty rows doesn't ask for each."""

    row = None

    def optgroups(self, name, value, attr=None):
        if self.row is None or [str(one) for one in value] != [str(self.row.pk)]:
            return super().optgroups(name, value, attr)
        none = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        label = self.choices.field.label_from_instance(self.row)
        return [(None, [*none, self.create_option(name, self.row.pk, label, True, 1)], 0)]
