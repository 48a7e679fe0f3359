from django.urls import path

from referrals import views

app_name = "referrals"
urlpatterns = [path("refer-a-friend/", views.programme, name="programme")]
