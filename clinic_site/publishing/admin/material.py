"""What pages are made with beside words of their own: the warning, and pictures."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from clinic_site.publishing.models import Picture, UrgentHelp
from clinic_site.staff.admin_bases import RoomAdmin, SingleRowAdmin


@admin.register(UrgentHelp)
class UrgentHelpAdmin(SingleRowAdmin):
    logs_values = True
    fields = ("title", "lead", "signs", "closing")


@admin.register(Picture)
class PictureAdmin(RoomAdmin):
    logs_values = ("file", "alt", "is_decorative", "credit")  # who agreed to be seen is a person
    list_display = ("thumbnail", "alt", "is_decorative", "size", "added_at")
    list_display_links = ("thumbnail", "alt")
    search_fields = ("alt", "credit", "file")
    fields = ("file", "thumbnail", "size", "alt", "is_decorative", "credit", "consent", "consent_until")
    readonly_fields = ("thumbnail", "size")

    @admin.display(description="picture")
    def thumbnail(self, picture):
        if not picture.pk:
            return "Not uploaded yet."
        smallest = picture.files["webp"][-1][1]
        return format_html('<img class="thumbnail" src="{}" alt="{}">', reverse("media", args=[smallest]), picture.alt)

    @admin.display(description="size")
    def size(self, picture):
        return f"{picture.width} × {picture.height} pixels" if picture.width else "–"
