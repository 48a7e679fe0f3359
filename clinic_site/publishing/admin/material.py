"""What pages are made with beside words of their own: the clinic's shared blocks, and pictures."""

from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from clinic_site.backoffice.forms import BaseForm
from clinic_site.backoffice.model_admin import BaseAdmin, SingleRowAdmin
from clinic_site.publishing.models import BeforeTreatment, Mark, Picture, UrgentHelp
from clinic_site.publishing.pictures import CARD, MAX_BYTES, MAX_PIXELS, MAX_SIDE, SHARED
from clinic_site.publishing.work_queue.material import PICTURE_QUEUES, waiting_pictures


@admin.register(UrgentHelp)
class UrgentHelpAdmin(SingleRowAdmin):
    logs_values = True
    fields = ("title", "lead", "signs", "emergencies_lead", "closing")


@admin.register(BeforeTreatment)
class BeforeTreatmentAdmin(SingleRowAdmin):
    logs_values = True
    fields = ("title", "avoid_lead", "avoid", "tell_lead", "tell", "closing")


class PictureForm(BaseForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "shows_person" not in self.fields:  # somebody who may only look
            return
        if file := self.fields.get("file"):  # left out where it stays as it is
            file.max_length = None  # it's kept under another name
            file.widget.attrs |= {
                "accept": "image/jpeg,image/png,image/webp,image/avif",
                "data-most-bytes": MAX_BYTES,
                "data-most-pixels": MAX_PIXELS,
                "data-most-side": MAX_SIDE,
            }
        asked = self.fields["shows_person"]
        asked.error_messages["required"] = asked.error_messages["blank"] = "Say whether it shows a person."
        for name in ("focus_x", "focus_y"):
            self.fields[name].widget.attrs |= {"min": 0, "max": 100}

    def full_clean(self):
        """A file isn't kept before the consent of whoever it shows is: it comes again with the rest."""
        super().full_clean()
        if self._errors and "file" not in self._errors and "file" in self.changed_data:
            self.add_error(
                "file",
                "This picture can be taken, but isn't kept before the rest is right. Fix what is marked, "
                "and choose it again.",
            )


def is_kept(picture: Picture) -> bool:
    """Somebody may be in it, and an edition shows it: then its row stays, with its file.

    The database holds that too.
    """
    return (
        picture.shows_person is not False
        and Mark.objects.filter(kind=Mark.Kind.PICTURE, key=picture.file.name).exists()
    )


class PictureQueueFilter(admin.SimpleListFilter):
    """The whole of a work queue, of which the first page shows the first items."""

    title, parameter_name = "to do", "queue"

    def lookups(self, request, model_admin):
        return [(name, title) for name, (title, _, _) in PICTURE_QUEUES.items()]

    def queryset(self, request, queryset):
        if self.value() not in PICTURE_QUEUES:
            return queryset
        return queryset.filter(pk__in=waiting_pictures().filter(**{f"in_{self.value()}": True}).values("pk"))


@admin.register(Picture)
class PictureAdmin(BaseAdmin):
    form = PictureForm
    change_form_template = "admin/picture_change_form.html"
    # who agreed to be seen is a person
    logs_values = ("file", "alt", "is_decorative", "credit", "shows_person", "focus_x", "focus_y")
    list_display = ("thumbnail", "alt", "is_decorative", "shows_person", "size", "added_at")
    list_display_links = ("thumbnail", "alt")
    list_filter = (PictureQueueFilter, "shows_person")
    search_fields = ("alt", "credit", "file")
    radio_fields = {"shows_person": admin.HORIZONTAL}
    fieldsets = (
        (None, {"fields": ("file", "size", "alt", "is_decorative", "credit")}),
        ("People in it", {"fields": ("shows_person", "consent", "consent_until", "consent_withdrawn_on")}),
        (
            "Focal point",
            {
                "fields": (("focus_x", "focus_y"), "cuts"),
                "description": "A page shows the whole picture. Lists, and other sites beside a link, show a "
                "part of it. Both are cropped around this point.",
            },
        ),
    )
    readonly_fields = ("size", "cuts")

    def get_readonly_fields(self, request, obj=None):
        return ("file", *self.readonly_fields) if obj is not None and is_kept(obj) else self.readonly_fields

    def in_use_by(self, row):
        yield from super().in_use_by(row)
        if is_kept(row):
            yield "Editions that show it: whoever is in it must be able to withdraw their consent"

    def get_fieldsets(self, request, obj=None):
        sets = super().get_fieldsets(request, obj)
        if obj is None:  # nothing has a size yet
            sets = [(None, {"fields": [name for name in sets[0][1]["fields"] if name != "size"]}), *sets[1:]]
        return sets

    @admin.display(description="picture")
    def thumbnail(self, picture):
        if not picture.files.get("webp"):
            return "–"
        smallest = picture.files["webp"][-1][1]
        return format_html(
            '<img class="thumbnail" src="{}" alt="{}">', reverse("media", args=[smallest]), picture.alt
        )

    @admin.display(description="size")
    def size(self, picture):
        return f"{picture.width} × {picture.height} pixels" if picture.width else "–"

    @admin.display(description="crops")
    def cuts(self, picture):
        """The whole with its point, and each piece that is cut from it."""
        context = {"picture": picture, "image": picture.as_image(), "card": CARD, "shared": SHARED}
        return render_to_string("admin/picture_cuts.html", context)
