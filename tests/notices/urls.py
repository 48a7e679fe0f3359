"""The site's addresses, and those of notices."""

from django.shortcuts import render
from django.urls import include, path

from clinic_site.publishing.reading import answers_for_readers, history_of, read
from clinic_site.urls import *  # noqa: F403
from clinic_site.urls import urlpatterns as of_the_site
from tests.notices.models import Notice


@answers_for_readers
def notice(request, slug):
    reading = read(Notice, slug)
    return render(request, "clinic/policy.html", {"reading": reading, "page": reading.page})


def history(request, slug):
    return render(request, "publishing/history.html", {"history": history_of(Notice, slug)})


notices = [path("<slug:slug>/", notice, name="notice"), path("<slug:slug>/history/", history, name="history")]
urlpatterns = [path("notices/", include((notices, "notices"))), *of_the_site]
