"""Two clinics' web pages, retold, and what the checks say of them: see report.py."""
