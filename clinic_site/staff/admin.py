"""People, what they may do, and what was done."""

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from clinic_site.staff.admin_bases import ReadOnly, RoomAdmin, RoomForm
from clinic_site.staff.models import User
from clinic_site.staff.roles import MANAGER

admin.site.site_title = admin.site.site_header = "Staff"
admin.site.index_title = "The clinic's site"
# the groups are the roles: made in code and put right after every migrate
admin.site.unregister(Group)


class PersonForm(RoomForm):
    constraint_words = {
        "registration_is_whole": "Give both the college or council and the number, or neither: half can't be looked up.",
    }

    def clean_email(self):
        return self.cleaned_data["email"].strip().lower()


class NewPersonForm(PersonForm, BaseUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "groups", "is_staff")
        field_classes = {}


class ChangePersonForm(PersonForm, UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"
        field_classes = {}

    def clean(self):
        """Somebody must be left who can let the others in."""
        cleaned = super().clean()
        may = cleaned.get("is_active") and cleaned.get("is_staff")
        stays = may and any(group.name == MANAGER for group in cleaned.get("groups", ()))
        others = User.objects.filter(is_active=True, is_staff=True, groups__name=MANAGER).exclude(pk=self.instance.pk)
        was = self.instance.pk and self.instance.groups.filter(name=MANAGER).exists()
        if was and not stays and not others.exists():
            raise ValidationError("This is the last manager who may sign in. Make another one first.")
        return cleaned


@admin.register(User)
class UserAdmin(RoomAdmin, BaseUserAdmin):
    form = ChangePersonForm
    add_form = NewPersonForm
    list_display = ("name", "email", "roles", "is_staff", "is_active", "is_sample", "last_login")
    list_filter = ("groups", "is_active", "is_staff")
    search_fields = ("name", "email")
    ordering = ("name",)
    actions = None
    filter_horizontal = ()
    readonly_fields = ("is_sample", "last_login", "joined_at")
    # superusers are made on the server and nowhere else: no form here has that box, nor single permissions
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "title", "position", "about", "is_sample")}),
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
        ("Dates", {"fields": ("last_login", "joined_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "groups", "is_staff", "password1", "password2")}),)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "groups":
            return forms.ModelMultipleChoiceField(
                Group.objects.order_by("name"), widget=forms.CheckboxSelectMultiple, required=False, label="Roles"
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request):
        return {"is_staff": True, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request, obj=None):
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="roles")
    def roles(self, person):
        return ", ".join(group.name for group in person.groups.all())


@admin.register(LogEntry)
class LogAdmin(ReadOnly, RoomAdmin):
    list_display = ("action_time", "user", "content_type", "object_repr", "what")
    list_filter = ("action_flag", "content_type")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "change_message", "user__name")
    date_hierarchy = "action_time"
    fields = ("action_time", "user", "content_type", "object_repr", "what")

    @admin.display(description="what was done")
    def what(self, entry):
        return entry.get_change_message()
