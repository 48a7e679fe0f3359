"""People, what they may do, and what was done."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, Q
from django.http import JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.text import Truncator

from clinic_site.staff import log, new_password, second_factor
from clinic_site.staff.admin_bases import ReadOnly, RoomAdmin, RoomForm, Step, StepForm, changes_of
from clinic_site.staff.invitations import Invitation, Refused
from clinic_site.staff.models import Logged, User
from clinic_site.staff.personal import Person, forget, held_about
from clinic_site.staff.roles import MANAGER, MAY
from clinic_site.staff.second_factor_forms import AsksAgain, SignInForm


def _counted(touched: dict[str, int]) -> str:
    return ", ".join(f"{name.lower()} ({count})" for name, count in touched.items()) + "."


admin.site.site_title = admin.site.site_header = "Staff"
admin.site.index_title = "The clinic's site"
admin.site.login_form = SignInForm
# the groups are the roles: made in code and put right after every migrate
admin.site.unregister(Group)
# no row stands there: a person's address is in `User`, once
admin.site.unregister(EmailAddress)
# everybody has pages for their own, and a manager a step for somebody who lost theirs
admin.site.unregister(Authenticator)


class PersonForm(RoomForm):
    constraint_words = {
        "registration_is_whole": "Give both the college or council and the number, or neither: half can't be looked up.",
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


class ResetForm(AsksAgain, StepForm):
    pass


def reset_second_factor(person, *, by):
    second_factor.reset(person, by=by)
    return "The second factor is reset: they set up a new one when they sign in, and are signed out everywhere until then."


def send_new_password(person, *, by):
    new_password.send_link(person, by=by)
    return f"A link for a new password goes to {person.email}."


class PersonalDataForm(forms.Form):
    email = forms.EmailField(label="E-mail address", required=False)
    phone = forms.CharField(label="Telephone number", required=False, max_length=30)

    def clean(self):
        cleaned = super().clean()
        person = Person(cleaned.get("email") or "", cleaned.get("phone") or "")
        if not self.errors and not (person.same_email or person.same_phone):
            raise ValidationError("Write the e-mail address or the telephone number of the person who asks.")
        self.person = person
        return cleaned


class WhoFilter(admin.SimpleListFilter):
    """The list is the staff's; members of refer-a-friend stand in it where they are looked for."""

    title, parameter_name = "who", "who"
    MEMBERS, ALL = "members", "all"

    def lookups(self, request, model_admin):
        return [(None, "Staff"), (self.MEMBERS, "Not staff: members of refer-a-friend"), (self.ALL, "Everybody")]

    def choices(self, changelist):
        for value, words in self.lookup_choices:
            address = changelist.get_query_string({self.parameter_name: value} if value else {}, remove=[self.parameter_name])
            yield {"selected": self.value() == value, "query_string": address, "display": words}

    def queryset(self, request, queryset):
        if self.value() == self.MEMBERS:
            return queryset.filter(is_staff=False)
        is_asked = self.value() == self.ALL or request.GET.get(SEARCH_VAR)
        return queryset if is_asked else queryset.filter(is_staff=True)


@admin.register(User)
class UserAdmin(RoomAdmin):
    form = ChangePersonForm
    list_display = ("name", "email", "roles", "is_staff", "is_active", "has_second_factor", "is_sample", "last_login")
    list_filter = (WhoFilter, "groups", "is_active")
    search_fields = ("name", "email")
    ordering = ("name",)
    actions = None
    logs_values = ("groups", "is_staff", "is_active")  # who may what is no secret among managers
    entitles = ("registration_body", "registration_number", "groups", "is_staff", "is_active")  # see `User.may_entitle`
    readonly_fields = ("is_sample", "has_second_factor", "last_login", "joined_at")
    steps = (
        Step(
            "new-password", "Send a link for a new password…", "staff.change_user", send_new_password,
            explained="For somebody who forgot theirs: a mail goes to their own address, with a link that is open for an hour. "
            "Nobody else ever types their password.",
            is_open=lambda person: person.is_active and person.is_staff, is_aside=lambda person: True,
        ),
        Step(
            "reset-second-factor", "Reset second factor…", "staff.change_user", reset_second_factor, ResetForm,
            explained="For somebody who has lost their phone and their recovery codes: make sure that it is they who ask. They "
            "are signed out everywhere, and set up a new one with their password.",
            is_open=lambda person: person.has_second_factor, takes_away=True,
        ),
    )  # fmt: skip
    # superusers are made on the server and nowhere else: no form here has that box, nor single permissions
    fieldsets = (
        (None, {"fields": ("email", "name", "title", "position", "about", "is_sample")}),
        (
            "Credentials",
            {
                "fields": ("registration_body", "registration_number"),
                "description": "They stand under every page that this person signs.",
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
        own = "Nobody changes this about themself: a colleague who is a manager does it."
        return [
            (title, {**parts, "description": own} if set(parts["fields"]) & set(self.entitles) else parts)
            for title, parts in fieldsets
        ]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "groups":
            return forms.ModelMultipleChoiceField(
                Group.objects.order_by("name"), widget=forms.CheckboxSelectMultiple, required=False, label="Roles"
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
        page = path("personal-data/", self.admin_site.admin_view(self.personal_data), name=self.url_name("personal_data"))
        return [page, *super().get_urls()]

    def lookup_allowed(self, lookup, value, request):
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            new_password.tell_of_address(obj, before=form.initial["email"], by=request.user)

    def personal_data(self, request):
        """Somebody asks what is held about them, or asks to be forgotten. What is typed never stands in an address."""
        if not request.user.may("staff.forget_person"):
            raise PermissionDenied
        form, held = PersonalDataForm(request.POST or None), None
        if form.is_valid():
            if "forget" in request.POST:
                touched = forget(form.person, by=request.user)
                messages.success(request, "Forgotten: " + _counted(touched) if touched else "Nothing was held.")
                return redirect(self.address("personal_data"))
            held = held_about(form.person)
            if "file" in request.POST:
                file = JsonResponse(held, json_dumps_params={"indent": 2, "ensure_ascii": False})
                file["Content-Disposition"] = 'attachment; filename="held-about-you.json"'
                return file
        context = {**self.admin_site.each_context(request), "title": "What is held about a person", "form": form, "held": held}
        return TemplateResponse(
            request, "admin/staff/personal_data.html", context, status=422 if form.is_bound and form.errors else 200
        )

    @admin.display(description="second factor", boolean=True, ordering="has_second_factor")
    def has_second_factor(self, person):
        return getattr(person, "has_second_factor", False)  # somebody who isn't saved yet has none

    @admin.display(description="roles")
    def roles(self, person):
        return ", ".join(group.name for group in person.groups.all())


class InvitationForm(RoomForm):
    constraint_words = {
        "invited_registration_is_whole": "Give both the college or council and the number, or neither: half can't be looked up.",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "role" in self.fields:  # not where it's only looked at
            self.fields["email"].required = self.fields["name"].required = True
            self.fields["role"] = forms.ChoiceField(
                choices=[(role, f"{role}: {may}") for role, may in MAY.items()], widget=forms.RadioSelect
            )

    def clean_email(self):
        email = self.cleaned_data["email"].strip().lower()
        if reason := Invitation.why_not(email):
            raise ValidationError(reason)
        return email


def send_again(invitation, *, by):
    invitation.send_again(by=by)
    return f"A new link is on its way. It works until {timezone.localtime(invitation.ends_at):%-d %B %Y, %H:%M}."


def take_back(invitation, *, by):
    invitation.take_back(by=by)
    return "Taken back: its link opens nothing any more."


class StandingFilter(admin.SimpleListFilter):
    title, parameter_name = "how it stands", "standing"
    OPEN = Q(accepted_at=None, taken_back_at=None, forgotten_at=None)

    def lookups(self, request, model_admin):
        return [("open", "Open"), ("ended", "Ended, not accepted"), ("accepted", "Accepted")]

    def queryset(self, request, queryset):
        chosen = {
            "open": self.OPEN & Q(ends_at__gt=timezone.now()), "ended": self.OPEN & Q(ends_at__lte=timezone.now()),
            "accepted": Q(accepted_at__isnull=False),
        }  # fmt: skip
        return queryset.filter(chosen.get(self.value(), Q()))


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, RoomAdmin):
    """Written once and mailed; then sent again or taken back."""

    form = InvitationForm
    refusals = (Refused, PermissionError)
    list_display = ("whom", "email", "role", "standing", "ends_at", "invited_by")
    list_filter = (StandingFilter, "role")
    list_select_related = ("invited_by",)
    search_fields = ("name", "email")
    written = ("email", "name", "role", "title", "registration_body", "registration_number")
    steps = (
        Step(
            "again", "Send it again…", "staff.add_invitation", send_again, is_open=lambda invitation: not invitation.is_over,
            explained="A new mail with a new link goes to the same address. The link before opens nothing any more.",
        ),
        Step(
            "take-back", "Take it back…", "staff.add_invitation", take_back, is_open=lambda invitation: not invitation.is_over,
            explained="The link opens nothing any more. Nobody is told.", takes_away=True,
        ),
    )  # fmt: skip

    def has_add_permission(self, request):
        return request.user.has_perm("staff.add_invitation")

    def get_fields(self, request, obj=None):
        told = ("standing", "invited_by", "invited_at", "ends_at", "accepted_by", "accepted_at", "taken_back_by", "taken_back_at")
        return (*self.written, *told) if obj else self.written

    def add_view(self, request, form_url="", extra_context=None):
        try:
            return super().add_view(request, form_url, extra_context)
        except Refused as refused:  # a colleague invited them in this very moment
            messages.error(request, str(refused))
            return redirect(self.address("changelist"))

    add_view.gives_back = True

    def save_model(self, request, obj, form, change):
        Invitation.invite(obj, by=request.user)

    def response_add(self, request, obj, post_url_continue=None):
        messages.success(request, f"Invited. The mail to {obj.email} holds a link that works once, for seven days.")
        return redirect(self.address("change", obj))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="name")
    def whom(self, invitation):
        return invitation.name or "(forgotten)"

    @admin.display(description="how it stands")
    def standing(self, invitation):
        return invitation.standing


def _one_of(title_: str, name: str, column: str, choices):
    """A filter of the log along an index. `choices()` gives (value, words): what there may be, not what was found in the rows."""

    class OneOf(admin.SimpleListFilter):
        title, parameter_name = title_, name

        def lookups(self, request, model_admin):
            return choices()

        def queryset(self, request, queryset):
            known = {str(value) for value, _ in self.lookup_choices}
            return queryset.filter(**{column: self.value()}) if self.value() in known else queryset

    return OneOf


def _verbs():
    steps = {step.name.replace("-", " ") for room in admin.site._registry.values() for step in getattr(room, "steps", ())}
    return [(verb, verb) for verb in [*log.VERBS, *sorted(steps)]]


def _kinds():
    named = {model._meta.label_lower: model._meta.verbose_name_plural for model in admin.site._registry if model is not Logged}
    return sorted(named.items(), key=lambda kind: str(kind[1]).casefold())


@admin.register(Logged)
class LogAdmin(ReadOnly, RoomAdmin):
    """Who did what to which row. A row's own entries also stand under "History" beside it."""

    change_form_template = "admin/staff/logged/change_form.html"
    list_display = ("at", "who", "verb", "what", "tells")
    list_display_links = ("at",)
    list_filter = (
        ("at", admin.DateFieldListFilter),
        _one_of("who", "by", "by", lambda: [(p.pk, str(p)) for p in User.objects.filter(is_staff=True)]),
        _one_of("did what", "verb", "verb", _verbs),
        _one_of("to what kind", "kind", "model", _kinds),
    )
    list_select_related = ("by", "person")
    list_per_page = 50
    show_full_result_count = False
    sortable_by = ()
    search_fields = ("pk",)  # that there is a box: what it finds, `log.found` says
    search_help_text = (
        "Words of what was done or written, a colleague’s name, a day such as 2026-03-01, or a month such as 2026-03. First "
        "letters are enough."
    )
    fields = ("at", "who", "verb", "what", "said", "changed")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by", "person")

    def get_search_results(self, request, queryset, search_term):
        return log.found(queryset, search_term.replace("\x00", "")), False

    @admin.display(description="who")
    def who(self, entry):
        return entry.by or "nobody signed in"

    @admin.display(description="to what")
    def what(self, entry):
        return Truncator(entry.whom).chars(90)

    @admin.display(description="what happened")
    def tells(self, entry):
        return Truncator(entry.said or entry.fields).chars(140)

    @admin.display(description="fields")
    def changed(self, entry):
        return render_to_string("admin/log_changes.html", {"changes": changes_of(entry)})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["row_address"] = log.address_of(obj, request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)
