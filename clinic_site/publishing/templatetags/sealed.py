"""`{% sealed %}…{% endsealed %}`: what stands inside follows from the sealed edition alone, so it's rendered once.

Inside, a template may use `page` (with the stops of the moment, which are part of the key), `is_old`, and of the clinic
its country and what follows from it. Nothing else: no other row, no date of today.
"""

import re
from collections import OrderedDict
from threading import Lock

from django import template
from django.utils.safestring import mark_safe

register = template.Library()
MOST = 256  # blocks a process keeps: some ten megabytes


class SealedNode(template.Node):
    kept: OrderedDict = OrderedDict()
    lock = Lock()

    def __init__(self, nodelist):
        self.nodelist = nodelist

    def render(self, context):
        reading = context.get("reading")
        key = reading.seal if reading else None
        if key is None:  # a draft: it isn't sealed
            return self.nodelist.render(context)
        key = (id(self), key, context["clinic"].country, bool(context.get("is_old")))
        with self.lock:
            if key in self.kept:
                self.kept.move_to_end(key)
                return self.kept[key]
        # templates are indented for those who write them; nothing sealed has text whose line breaks count
        html = mark_safe(re.sub(r"\n\s+", "\n", self.nodelist.render(context)))
        with self.lock:
            self.kept[key] = html
            while len(self.kept) > MOST:
                self.kept.popitem(last=False)
        return html


@register.tag
def sealed(parser, token):
    nodelist = parser.parse(("endsealed",))
    parser.delete_first_token()
    return SealedNode(nodelist)
