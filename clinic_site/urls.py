from django.contrib import admin
from django.urls import include, path

from clinic_site.publishing.views import media

urlpatterns = [
    path("admin/", admin.site.urls),
    path("media/<str:name>", media, name="media"),
    path("treatments/", include("treatments.urls")),
    path("blog/", include("blog.urls")),
    path("", include("referrals.urls")),
    path("", include("clinic_site.clinic.urls")),
]
handler403 = "clinic_site.staff.lost.forbidden"
handler404 = "clinic_site.clinic.views.not_found"
handler500 = "clinic_site.clinic.views.server_error"
