"""What falls due by itself: credit whose time is over."""

from clinic_site.staff.lists import TimedWork, timed_work
from referrals.rewards import expire_due

timed_work.append(TimedWork("credit expires", expire_due))
