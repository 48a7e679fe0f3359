"""People, what they may do, and what was done."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, Q
from django.http import JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.text import Truncator

from clinic_site.accounts import password_reset, second_factor
from clinic_site.accounts.invitations import Invitation, Refused
from clinic_site.accounts.models import User
from clinic_site.accounts.roles import MANAGER, MAY
from clinic_site.accounts.second_factor_forms import AsksAgain, SignInForm
from clinic_site.audit_log import log
from clinic_site.audit_log.models import AuditEntry
from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.forms import ActionForm, BaseForm
from clinic_site.backoffice.model_admin import BaseAdmin, ReadOnly, changes_of
from clinic_site.privacy.personal_data import Person, forget, held_about

admin.site.site_title = admin.site.site_header = "Staff"
admin.site.index_title = "The clinic's site"
admin.site.login_form = SignInForm
# the groups are the roles: made in code and put right after every migrate
admin.site.unregister(Group)
# no row stands there: a person's address is in `User`, once
admin.site.unregister(EmailAddress)
# everybody has pages for their own, and a manager a step for somebody who lost theirs
admin.site.unregister(Authenticator)
