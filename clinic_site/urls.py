from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from clinic_site.accounts import password_reset
from clinic_site.backoffice.invitation_views import accept
from clinic_site.notifications.calendar_feed import feed
from clinic_site.publishing.views import media, preview

urlpatterns = [
    path("admin/account/", include("clinic_site.accounts.sign_in")),
    path("admin/", admin.site.urls),
    path(".well-known/change-password", password_reset.change, name="change_password"),
    path("invitation/<str:token>/", accept, name="invitation"),
    path("new-password/", password_reset.ask, name="new_password"),
    path("new-password/sent/", password_reset.sent, name="new_password_sent"),
    path(
        "new-password/<uidb64>/<token>/",
        password_reset.ChoosePasswordView.as_view(),
        name="new_password_chosen",
    ),
    path("calendar/<slug:secret>.ics", feed, name="calendar"),
    path("media/<str:name>", media, name="media"),
    path("preview/<str:token>/", preview, name="preview"),
    path("treatments/", include("treatments.urls")),
    path("blog/", include("blog.urls")),
    path("search/", include("clinic_site.search.urls")),
    path("visit/", include("clinic_site.visits.urls")),
    path("", include("referrals.urls")),
    path("", include("clinic_site.clinic.urls")),
]
if settings.DESIGN_PAGE and apps.is_installed("clinic_site.devtools"):
    urlpatterns.append(path("", include("clinic_site.devtools.urls")))
handler400 = "clinic_site.backoffice.error_views.unreadable"
handler403 = "clinic_site.backoffice.error_views.forbidden"
handler404 = "clinic_site.backoffice.error_views.not_found"
handler500 = "clinic_site.backoffice.error_views.server_error"
