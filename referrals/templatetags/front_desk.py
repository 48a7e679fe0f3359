"""How the desk's screens ask after a row."""

from django import template

from referrals import codes, front_desk

register = template.Library()
register.filter("spoken", codes.spoken)
register.filter("status", front_desk.status_of)
register.filter("friend", front_desk.friend_of)
