"""How the desk's screens ask after a row."""

from django import template

from referrals import codes, desk

register = template.Library()
register.filter("spoken", codes.spoken)
register.filter("stage", desk.stage_of)
register.filter("friend", desk.friend_of)
