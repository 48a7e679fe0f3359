from django.urls import path

from clinic_site.visits import views

app_name = "visits"
urlpatterns = [
    path("", views.ask, name="ask"),
    path("taken-back/", views.taken_back, name="taken-back"),
    path("<str:key>/", views.asked, name="asked"),
    path("<str:key>/take-back/", views.take_back, name="take-back"),
]
