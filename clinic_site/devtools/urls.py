from django.urls import path

from clinic_site.devtools import views

app_name = "devtools"
urlpatterns = [path("design/", views.design, name="design")]
