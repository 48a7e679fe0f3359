from django.contrib import admin

from clinic_site.publishing.admin import DocumentAdmin
from tests.notices.models import Notice


@admin.register(Notice)
class NoticeAdmin(DocumentAdmin):
    fields = ("title", "slug", "summary")
    page_template = "clinic/policy.html"
