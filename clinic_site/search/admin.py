from django.contrib import admin

from clinic_site.backoffice.forms import BaseForm
from clinic_site.backoffice.model_admin import BaseAdmin
from clinic_site.search.models import Synonym


class SynonymForm(BaseForm):
    class Meta:
        help_texts = {
            "words": "As patients say it: “sweaty hands”.",
            "means": "As our pages say it: “hyperhidrosis”. Whoever types the first into the site's search "
            "finds the pages that say the second. With commas between several.",
        }


@admin.register(Synonym)
class SynonymAdmin(BaseAdmin):
    form = SynonymForm
    logs_values = True
    list_display = ("words", "means")
    search_fields = ("words", "means")
