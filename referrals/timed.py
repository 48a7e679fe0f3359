"""What falls due by itself: credit whose time is over, and saying so before."""

from clinic_site.staff.lists import TimedWork, timed_work
from referrals.rewards import expire_due, tell_of_expiry

timed_work.append(TimedWork("credit expires", expire_due))
timed_work.append(TimedWork("told that credit runs out", tell_of_expiry))
