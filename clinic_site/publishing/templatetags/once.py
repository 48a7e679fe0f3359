"""`{% once reading clinic.country is_old %}…{% endonce %}`: rendered once for the values that are named, then
kept.

What stands inside may depend on the named values and on what day it is, and on nothing else. A value with a
`seal` (a reading, a card, the clinic's row) counts by it: by what it's made of, not by which object it is. A
`seal` of None (a draft) is never kept. The memory is each process's own, and as nothing in it can go stale,
nobody has to empty it.
"""

import re
from collections import OrderedDict
from threading import Lock

from django import template
from django.utils import timezone
from django.utils.safestring import mark_safe

register = template.Library()
MAX_KEPT = 1000  # blocks that a process keeps: some twenty megabytes


class OnceNode(template.Node):
    kept: OrderedDict = OrderedDict()
    lock = Lock()

    def __init__(self, values, nodelist):
        self.values, self.nodelist = values, nodelist

    def render(self, context):
        seals = []
        for value in self.values:
            found = value.resolve(context, ignore_failures=True)
            seal = getattr(found, "seal", None) if hasattr(found, "seal") else found
            if seal is None and found is not None:
                return self.nodelist.render(context)
            seals.append(seal)
        key = (id(self), timezone.localdate(), *seals)
        with self.lock:
            if key in self.kept:
                self.kept.move_to_end(key)
                return self.kept[key]
        # templates are indented for those who write them; no block that is kept has text whose line breaks
        # count
        html = mark_safe(re.sub(r"\n\s+", "\n", self.nodelist.render(context)))
        with self.lock:
            self.kept[key] = html
            while len(self.kept) > MAX_KEPT:
                self.kept.popitem(last=False)
        return html


@register.tag
def once(parser, token):
    values = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    if not values:
        raise template.TemplateSyntaxError("once needs the values that its block depends on.")
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(values, nodelist)
