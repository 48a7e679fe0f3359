"""What the head of a page says twice: to browsers and to whoever shows a link to it."""

from django import template
from django.template.loader_tags import BLOCK_CONTEXT_KEY

register = template.Library()


@register.simple_tag(takes_context=True)
def again(context, name):
    """What stands in the block `name` of this page, once more: as HTML, on one line."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    with context.push(block=block):
        return " ".join(block.nodelist.render(context).split())
