"""What patients would read, before they do: on a phone, on paper and on a desktop, side by side."""

from dataclasses import dataclass

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.clickjacking import xframe_options_sameorigin

from clinic_site.publishing.reading import Reading


@dataclass(frozen=True)
class Look:
    """One way in which a page is looked at. `query`: what the framed page is asked for."""

    name: str
    title: str
    query: str = ""


LOOKS = (Look("phone", "On a phone"), Look("paper", "On paper", "?as=print"), Look("desktop", "On a desktop"))


class Previewed:
    """Mixed in before the admin of rows that make a page: `preview` shows it in every look, `preview_page` is
    the page itself, in the template that patients will read it in; the former frames it.
    """

    def get_urls(self):
        page = xframe_options_sameorigin(self.preview_page_view)
        return [
            path(
                "<path:object_id>/preview/",
                self.admin_site.admin_view(self.preview_view),
                name=self.url_name("preview"),
            ),
            path(
                "<path:object_id>/preview/page/",
                self.admin_site.admin_view(page),
                name=self.url_name("preview_page"),
            ),
            *super().get_urls(),
        ]

    def reading_of(self, row) -> Reading | None:
        """The page as it would be read, or None where its words aren't those that were sealed."""
        raise NotImplementedError

    def page_of(self, request, row, reading: Reading):
        """The whole page, rendered."""
        raise NotImplementedError

    def preview_view(self, request, object_id):
        row = self._row_to_look_at(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        chosen = [look for look in LOOKS if look.name == request.GET.get("as")]
        context = self.page_context(request, "Preview", row) | {
            "page_address": self.address("preview_page", row),
            "looks": LOOKS,
            "shown": chosen or LOOKS,
            "chosen": chosen[0].name if chosen else "",
        }
        return TemplateResponse(request, "admin/preview.html", context)

    def preview_page_view(self, request, object_id):
        row = self._row_to_look_at(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        reading = self.reading_of(row)
        if reading is None:
            context = {**self.admin_site.each_context(request), "title": "A broken seal"}
            response = TemplateResponse(request, "admin/broken_seal.html", context)
        else:
            response = self.page_of(request, row, reading)
        response._csp_replace = {"frame-ancestors": ["'self'"]}
        return response

    def _row_to_look_at(self, request, object_id):
        row = self.get_object(request, unquote(object_id))
        if row is not None and not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        return row
