from django.urls import path, re_path

from blog import views
from blog.feeds import AnswersFeed
from clinic_site.operations.modified import dated

app_name = "blog"
urlpatterns = [
    path("", dated(views.answers), name="answers"),
    path("feed/", dated(AnswersFeed()), name="feed"),
    path("ask/", views.ask, name="ask"),
    path("ask/sent/", views.asked, name="asked"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    re_path(r"^(?P<year>[1-9]\d{3})/$", views.year, name="year"),
    path("<slug:slug>/", views.answer, name="answer"),
    path("<slug:slug>/history/", views.history, name="history"),
    path("<slug:slug>/history/<int:number>/", views.edition, name="edition"),
]
