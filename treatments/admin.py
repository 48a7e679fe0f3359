from django import forms
from django.contrib import admin
from django.db.models import Case, Value, When

from clinic_site.accounts.models import User
from clinic_site.backoffice.forms import BaseForm
from clinic_site.backoffice.model_admin import BaseAdmin, NoRelatedChangesMixin, TableInline
from clinic_site.publishing.admin import DocumentAdmin, SectionInline
from clinic_site.publishing.admin.documents import DocumentForm
from treatments.models import Choice, Overview, Treatment, TreatmentClaim
from treatments.offerings import Offering
from treatments.views import OVERVIEW, treatment_cards


class TreatmentForm(DocumentForm):
    class Meta:
        labels = {"uses": "Licensed for"}
        help_texts = {
            "uses": "What this page is about: patients read, country by country, whether the medicine is "
            "licensed for it. What each country says stands under “Uses and their licences”."
        }


class RoleForm(BaseForm):
    class Meta:
        labels = {"gap": "Or why there is no figure"}
        help_texts = {"gap": "In a patient's words, instead of a claim."}

    constraint_words = {
        "a_claim_or_the_reason_for_the_gap": "Choose a claim, or say why there is none: one of the two.",
        "one_key_fact_a_slot": "This key fact is already listed.",
    }


class RoleFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        slots = set()
        for form in self.forms:
            role = form.cleaned_data.get("role") if hasattr(form, "cleaned_data") else None
            if role in TreatmentClaim.SLOTS and not self._should_delete_form(form):
                slot = role, form.cleaned_data.get("problem")
                if slot in slots:
                    form.add_error("role", RoleForm.constraint_words["one_key_fact_a_slot"])
                slots.add(slot)


class RoleInline(TableInline):
    model = TreatmentClaim
    form = RoleForm
    formset = RoleFormSet
    extra = 0
    classes = ("collapse",)
    fields = ("role", "claim", "gap", "problem", "order")
    autocomplete_fields = ("claim",)

    def get_queryset(self, request):
        rank = [When(role=role, then=Value(i)) for i, role in enumerate(TreatmentClaim.Role)]
        return (
            super()
            .get_queryset(request)
            .select_related("claim")
            .alias(rank=Case(*rank))
            .order_by("rank", "order", "pk")
        )


class ChoiceForm(BaseForm):
    class Meta:
        widgets = {
            name: forms.Textarea(attrs={"rows": 2}) for name in ("works", "lasts", "risks", "available")
        }

    constraint_words = {
        "a_choice_once_a_problem": "This choice is already listed.",
        "one_own_choice_and_one_nothing_a_problem": "List the page's treatment and doing nothing once.",
    }


class ChoiceInline(NoRelatedChangesMixin, admin.StackedInline):
    """What somebody could do instead, in the order of the table."""

    model = Choice
    form = ChoiceForm
    extra = 0
    classes = ("collapse",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "what"),
                    ("kind", "strength"),
                    "works",
                    "lasts",
                    "risks",
                    "available",
                    ("problem", "order"),
                )
            },
        ),
    )


@admin.register(Treatment)
class TreatmentAdmin(DocumentAdmin):
    form = TreatmentForm
    list_display = ("title", "group", *DocumentAdmin.list_display[1:])
    list_filter = ("group",)
    autocomplete_fields = ("uses",)
    inlines = (SectionInline, RoleInline, ChoiceInline)
    aside = ("In menus and lists", "Licences")
    fieldsets = (
        (None, {"fields": ("title", "slug", "summary")}),
        ("In menus and lists", {"fields": ("short", ("group", "order"))}),
        ("Licences", {"fields": ("uses",)}),
    )
    page_template = "treatments/treatment.html"


class OfferingForm(BaseForm):
    constraint_words = {
        "a_visit_takes_from_low_to_high": "A visit takes a minute or more, and “to” isn’t less than “from”.",
        "what_is_not_offered_has_no_visit": "Leave out brands and minutes of what you don’t offer.",
    }


@admin.register(Offering)
class OfferingAdmin(BaseAdmin):
    form = OfferingForm
    list_display = ("treatment", "is_offered", "brands", "minutes")
    list_filter = ("is_offered",)
    list_select_related = ("treatment",)
    search_fields = ("treatment__title", "brands")
    autocomplete_fields = ("treatment",)
    fieldsets = (
        (
            None,
            {
                "fields": ("treatment", "is_offered", "brands", ("visit_low", "visit_high"), "injectors"),
                "description": "Patients read it beside the signed page, marked as the clinic’s own. It goes "
                "live when you save: no medical figures here.",
            },
        ),
    )

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        staff = User.objects.filter(is_active=True, is_staff=True)
        widget = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, queryset=staff, widget=widget, **kwargs)


@admin.register(Overview)
class OverviewAdmin(DocumentAdmin):
    fields = ("title", "summary")
    prepopulated_fields = {}
    page_template = "treatments/overview.html"

    def get_prepopulated_fields(self, request, obj=None):
        return {}

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not Overview.objects.exists()

    def get_model_perms(self, request):
        # there is one: its list leads to it, and where there is none, has "Add"
        return {
            "add": False,
            "change": self.has_change_permission(request),
            "delete": False,
            "view": self.has_view_permission(request),
        }

    def save_model(self, request, obj, form, change):
        obj.slug = OVERVIEW
        super().save_model(request, obj, form, change)

    def public_page(self, page):
        return self.page_template, {"cards": treatment_cards()}
