"""All machines of a site show the pictures of one folder."""

from django.core.files.storage import default_storage

from clinic_site.publishing.models import Picture
from clinic_site.registry import PartShared, shared_parts


def fault_of_pictures() -> str:
    newest = Picture.objects.order_by("-pk").values_list("file", flat=True).first()
    if not newest or default_storage.exists(newest):
        return ""
    return "The pictures aren't in this machine's data folder: mount the folder media/ of the others there."


shared_parts.append(PartShared("pictures", fault_of_pictures))
