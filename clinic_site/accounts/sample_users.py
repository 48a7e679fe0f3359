"""The sample staff of a site that is being tried."""

import os
import secrets

from django.contrib.auth.models import Group

from clinic_site.accounts.models import User
from clinic_site.accounts.roles import CLINICIAN, EDITOR, FRONT_DESK, MANAGER

DOMAIN = "clinic.example"
_ABOUT = (
    "This is a sample account, made so that the site can be tried. A real clinic puts its own people here."
)
SAMPLES = {
    "manager": (MANAGER, "Sample Manager", "", "", "", "Practice manager"),
    "editor": (EDITOR, "Sample Editor", "", "", "", "Editor"),
    "clinician": (CLINICIAN, "Sample Clinician", "Dr", "Sample register", "SAMPLE-0000", "Clinician"),
    "desk": (FRONT_DESK, "Sample Front Desk", "", "", "", "Front desk"),
}


def make_sample_users() -> tuple[dict[str, User], str]:
    """The four sample accounts by role, and the password that they share (empty where they stood already)."""
    password = os.environ.get("STARTER_PASSWORD") or secrets.token_urlsafe(9)
    people, made = {}, False
    for key, (role, name, title, body, number, position) in SAMPLES.items():
        user = User.objects.filter(email=f"{key}@{DOMAIN}").first()
        if user is None:
            made = True
            user = User.objects.create_user(
                f"{key}@{DOMAIN}",
                password,
                name=name,
                title=title,
                registration_body=body,
                registration_number=number,
                position=position,
                about=_ABOUT if key in ("clinician", "manager") else "",
                is_sample=True,
                is_staff=True,
            )
            user.groups.add(Group.objects.get(name=role))
        people[key] = user
    return people, password if made else ""
