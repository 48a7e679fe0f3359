import hashlib
from itertools import groupby

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path

from clinic_site.accounts import password_reset, second_factor, second_factor_changes
from clinic_site.accounts.models import User
from clinic_site.accounts.roles import MANAGER
from clinic_site.accounts.second_factor_forms import AsksAgain
from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.forms import ActionForm, BaseForm
from clinic_site.backoffice.model_admin import BaseAdmin
from clinic_site.privacy.personal_data import (
    FoundRow,
    Person,
    as_file,
    erase_rows,
    find_personal_data,
    has_known_name,
)


def _counted(touched: dict[str, int]) -> str:
    return ", ".join(f"{name.lower()} ({count})" for name, count in touched.items()) + "."


class PersonForm(BaseForm):
    constraint_words = {
        "registration_is_whole": "Give both the college or council and the number, or neither: half can't be "
        "looked up.",
    }

    def clean_email(self):
        return self.cleaned_data["email"].strip().lower()


class ChangePersonForm(PersonForm):
    def clean(self):
        """Somebody must be left who can let the others in."""
        cleaned = super().clean()
        if "groups" not in self.fields:  # their own row: see `User.may_entitle`
            return cleaned
        may = cleaned.get("is_active") and cleaned.get("is_staff")
        stays = may and any(group.name == MANAGER for group in cleaned.get("groups", ()))
        others = User.objects.managers().exclude(pk=self.instance.pk)
        was = self.instance.pk and self.instance.groups.filter(name=MANAGER).exists()
        if was and not stays and not others.exists():
            raise ValidationError("This is the last manager who may sign in. Make another one first.")
        return cleaned


class ResetForm(AsksAgain, ActionForm):
    pass


def reset_second_factor(person, *, by):
    second_factor_changes.reset(person, by=by)
    return (
        "The second factor is reset: they set up a new one when they sign in, and are signed out "
        "everywhere until then."
    )


def send_new_password(person, *, by):
    password_reset.send_link(person, by=by)
    return f"A link for a new password goes to {person.email}."


class PersonalDataForm(forms.Form):
    email = forms.EmailField(label="E-mail address", required=False)
    phone = forms.CharField(label="Telephone number", required=False, max_length=60)

    def clean(self):
        cleaned = super().clean()
        person = Person(cleaned.get("email") or "", cleaned.get("phone") or "")
        if not self.errors and not (person.same_email or person.same_phone):
            raise ValidationError("Enter the e-mail address or the telephone number of the person who asks.")
        self.person = person
        return cleaned


class PersonalDataLook:
    """What was found of somebody, and what whoever looks at it leaves out (`left_out`, their tokens).

    `posted` is what the page sent: `seen`, which rows it had shown, and `leave_out`. At first, rows are left
    out that a shared number led to and that have another name.
    """

    def __init__(self, person: Person, posted: QueryDict):
        self.found = find_personal_data(person)
        typed = [one for one in self.found if not one.led_from]

        def is_another(one: FoundRow) -> bool:
            if one.led_from and not one.row.name:
                return is_another(one.led_from)
            return bool(one.led_from) and not has_known_name(one.row, typed)

        self.seen = hashlib.sha256("".join(sorted(one.token for one in self.found)).encode()).hexdigest()
        has_seen = posted.get("seen") == self.seen
        self.is_done = has_seen or len(typed) == len(self.found)
        self.left_out = (
            set(posted.getlist("leave_out"))
            if has_seen
            else {one.token for one in self.found if is_another(one)}
        )

    @property
    def theirs(self) -> list[FoundRow]:
        return [one for one in self.found if one.token not in self.left_out]

    @property
    def by_kind(self) -> list[tuple[str, list[FoundRow]]]:
        return [(name, list(rows)) for name, rows in groupby(self.found, key=lambda one: one.kind.name)]


class WhoFilter(admin.SimpleListFilter):
    """The list is the staff's; members of refer-a-friend stand in it where they are looked for."""

    title, parameter_name = "who", "who"
    MEMBERS, ALL = "members", "all"

    def lookups(self, request, model_admin):
        return [
            (None, "Staff"),
            (self.MEMBERS, "Not staff: members of refer-a-friend"),
            (self.ALL, "Everybody"),
        ]

    def choices(self, changelist):
        for value, words in self.lookup_choices:
            address = changelist.get_query_string(
                {self.parameter_name: value} if value else {}, remove=[self.parameter_name]
            )
            yield {"selected": self.value() == value, "query_string": address, "display": words}

    def queryset(self, request, queryset):
        if self.value() == self.MEMBERS:
            return queryset.filter(is_staff=False)
        is_asked = self.value() == self.ALL or request.GET.get(SEARCH_VAR)
        return queryset if is_asked else queryset.filter(is_staff=True)


STAYS_A_SAMPLE = (
    "This stays a sample account, whatever it is called: what it signs is labelled a sample, and the claims "
    "that it checks count as unchecked. Invite a colleague to an account of their own."
)


@admin.register(User)
class UserAdmin(BaseAdmin):
    form = ChangePersonForm
    list_display = (
        "name",
        "email",
        "roles",
        "is_staff",
        "is_active",
        "has_second_factor",
        "is_sample",
        "last_login",
    )
    list_filter = (WhoFilter, "groups", "is_active")
    search_fields = ("name", "email")
    ordering = ("name",)
    actions = None
    logs_values = ("groups", "is_staff", "is_active")  # who may what is no secret among managers
    entitles = (
        "registration_body",
        "registration_number",
        "groups",
        "is_staff",
        "is_active",
    )  # see `User.may_entitle`
    readonly_fields = ("is_sample", "has_second_factor", "last_login", "joined_at")
    row_actions = (
        Action(
            "new-password",
            "Send password reset link…",
            "accounts.change_user",
            send_new_password,
            help_text="For somebody who forgot theirs: a mail goes to their own address, with a link that is "
            "open for an hour. Nobody else ever types their password.",
            is_open=lambda person: person.is_active and person.is_staff,
            is_secondary=lambda person: True,
        ),
        Action(
            "reset-second-factor",
            "Reset second factor…",
            "accounts.change_user",
            reset_second_factor,
            ResetForm,
            help_text="For somebody who has lost their phone and their recovery codes: make sure that it is "
            "they who ask. They are signed out everywhere, and set up a new one with their password.",
            is_open=lambda person: person.has_second_factor,
            is_destructive=True,
        ),
    )
    # superusers are made on the server and nowhere else: no form here has that box, nor single permissions
    fieldsets = (
        (None, {"fields": ("email", "name", "title", "position", "about", "is_sample")}),
        (
            "Credentials",
            {
                "fields": ("registration_body", "registration_number"),
                "description": "Every page that this person signs shows them.",
            },
        ),
        (
            "Roles",
            {
                "fields": ("groups", "is_staff", "is_active"),
                "description": "People are never deleted, because pages carry their names: "
                "somebody who leaves may no longer sign in.",
            },
        ),
        ("Signing in", {"fields": ("has_second_factor", "last_login", "joined_at")}),
    )

    def get_queryset(self, request):
        has_one = Exists(second_factor.factors().filter(user=OuterRef("pk")))
        return super().get_queryset(request).annotate(has_second_factor=has_one).prefetch_related("groups")

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None or request.user.may_entitle(obj) else (*fields, *self.entitles)

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or request.user.may_entitle(obj):
            return fieldsets
        own = "You can’t change this for yourself: ask another manager."
        return [
            (title, {**parts, "description": own} if set(parts["fields"]) & set(self.entitles) else parts)
            for title, parts in fieldsets
        ]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "groups":
            return forms.ModelMultipleChoiceField(
                Group.objects.order_by("name"),
                widget=forms.CheckboxSelectMultiple,
                required=False,
                label="Roles",
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_add_permission(self, request):
        return False  # people are invited, and choose their own password

    def has_change_permission(self, request, obj=None):
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        page = path(
            "personal-data/",
            self.admin_site.admin_view(self.personal_data),
            name=self.url_name("personal_data"),
        )
        return [page, *super().get_urls()]

    def lookup_allowed(self, lookup, value, request):
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            password_reset.tell_of_address(obj, before=form.initial["email"], by=request.user)
        if obj.is_sample and form.has_changed():
            messages.warning(request, STAYS_A_SAMPLE)

    def personal_data(self, request):
        """Somebody asks what is held about them, or asks to be forgotten.

        What is typed never stands in an address.
        """
        if not request.user.has_role_permission("accounts.forget_person"):
            raise PermissionDenied
        form, look = PersonalDataForm(request.POST or None), None
        if form.is_valid():
            look = PersonalDataLook(form.person, request.POST)
            if "forget" in request.POST and look.is_done:
                touched = erase_rows(look.theirs, by=request.user)
                messages.success(
                    request, "Erased: " + _counted(touched) if touched else "There was nothing to erase."
                )
                return redirect(self.address("personal_data"))
            if "file" in request.POST and look.is_done:
                held = as_file(look.theirs)
                file = JsonResponse(held, json_dumps_params={"indent": 2, "ensure_ascii": False})
                file["Content-Disposition"] = 'attachment; filename="held-about-you.json"'
                return file
            if {"forget", "file"} & set(request.POST):
                messages.warning(request, "Nothing has been done yet: look first at what was found.")
        context = {
            **self.admin_site.each_context(request),
            "title": "Export or erase personal data",
            "form": form,
            "look": look,
        }
        return TemplateResponse(
            request,
            "admin/privacy/personal_data.html",
            context,
            status=422 if form.is_bound and form.errors else 200,
        )

    @admin.display(description="second factor", boolean=True, ordering="has_second_factor")
    def has_second_factor(self, person):
        return getattr(person, "has_second_factor", False)  # somebody who isn't saved yet has none

    @admin.display(description="roles")
    def roles(self, person):
        return ", ".join(group.name for group in person.groups.all())
