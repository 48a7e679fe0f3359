"""Mail that waits in our database goes out by `tick`, so a mail server that is down delays it and loses nothing."""

from datetime import datetime

from post_office.mail import send_queued

from clinic_site.staff.lists import TimedWork, timed_work


def send_mail(now: datetime) -> int:
    sent, _failed, _requeued = send_queued()
    return sent


timed_work.append(TimedWork("mails sent", send_mail))
