"""The editor for running text in the admin, and what a page that shows it must allow in its security
policy.
"""

import base64
import hashlib
import re

from django import forms
from django.templatetags.static import static
from django_prose_editor.widgets import AdminProseEditorWidget, importmap

from clinic_site.backoffice.forms import TOO_LONG
from clinic_site.pages.compose import clean_html

# What a page's running text may hold; the cleaning on the server (compose.ALLOWED_TAGS) is the rule, this is
# the toolbar.
EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "BulletList": True,
    "OrderedList": True,  # these two as static/js/editing.js has them
    "ListItem": True,
    "HardBreak": True,
    "Blockquote": True,
    "Heading": {"levels": [3, 4]},
    "Link": {"enableTarget": False, "autolink": False, "protocols": ["http", "https", "mailto", "tel"]},
    "History": True,
    "AsTyped": True,  # ours: static/js/editing.js
    "Claim": True,  # ours: static/js/claims.js
    "Pasting": True,  # ours: static/js/pasting.js
}

# The one <style> element that editor.js of django-prose-editor 0.28.0 adds to the page by itself. Another
# version may bring another one: the browser test says so.
EDITOR_STYLE = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"


class ProseWidget(AdminProseEditorWidget):
    """The editor with claims as chips. Without JavaScript: a plain text area with their keys."""

    def get_config(self):
        modules = [static(f"js/{name}.js") for name in ("editing", "claims", "pasting")]
        return {**super().get_config(), "js_modules": modules}

    def build_attrs(self, base_attrs, extra_attrs=None):
        return {**super().build_attrs(base_attrs, extra_attrs), "data-most": TOO_LONG.limit_value}


class ProseField(forms.CharField):
    """Running text, cleaned when it comes in: pasted styles, scripts and null bytes go, whatever else was
    typed stays. What is too long to be kept is refused as it came: to read all of it would take the server
    long.
    """

    is_html = True

    def __init__(self, **kwargs):
        editor = ProseWidget(config={"extensions": EXTENSIONS}, preset="configurable")
        super().__init__(**{"widget": editor, "required": False, **kwargs})

    def to_python(self, value):
        typed = super().to_python(value)
        TOO_LONG(typed)
        return clean_html(typed)


def security_policy() -> dict[str, list[str]]:
    """What the editor needs beside the site's policy: its import map, by the digest of its text, and its
    style element.

    The map's text holds the hashed names of static files, so it changes with them.
    """
    text = re.sub(r"^<script[^>]*>|</script>$", "", str(importmap))
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return {"script-src": [f"'sha256-{digest}'"], "style-src": [EDITOR_STYLE]}
