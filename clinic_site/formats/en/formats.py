"""How a date and a time are written where no template says so: in the admin's lists and rows.

One way on the whole site.
"""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
