from django.urls import path

from clinic_site.operations.modified import dated
from treatments import views

app_name = "treatments"
urlpatterns = [
    path("", dated(views.overview), name="overview"),
    path("history/", views.overview_history, name="overview-history"),
    path("history/<int:number>/", views.overview_edition, name="overview-edition"),
    path("compare/", views.compare, name="compare"),
    path("<slug:slug>/", views.treatment, name="treatment"),
    path("<slug:slug>/history/", views.history, name="history"),
    path("<slug:slug>/history/<int:number>/", views.edition, name="edition"),
]
