"""People, what they may do, what was done, and mails."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group

from clinic_site.backoffice.admin import audit_log, invitations, mail, people  # noqa: F401 : they register themselves

admin.site.site_title = admin.site.site_header = "Staff"
admin.site.index_title = "The clinic's site"
# the groups are the roles: made in code and put right after every migrate
admin.site.unregister(Group)
# no row stands there: a person's address is in `User`, once
admin.site.unregister(EmailAddress)
# everybody has pages for their own, and a manager an action for somebody who lost theirs
admin.site.unregister(Authenticator)
