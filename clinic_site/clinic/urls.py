from django.urls import path

from clinic_site.clinic import design, structured_data, views
from clinic_site.operations import health

app_name = "clinic"
urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("contact/", views.contact, name="contact"),
    path("contact/sent/", views.contact_sent, name="contact-sent"),
    path("testimonials/", views.testimonials, name="testimonials"),
    path("accreditations/", views.accreditations, name="accreditations"),
    path("search/", views.search, name="search"),
    path("privacy/", views.policy, {"slug": "privacy"}, name="privacy"),
    path("accessibility/", views.policy, {"slug": "accessibility"}, name="accessibility"),
    path("how-we-write/", views.how_we_write, name="how-we-write"),
    path("<slug:slug>/history/", views.policy_history, name="policy-history"),
    path("<slug:slug>/history/<int:number>/", views.policy_edition, name="policy-edition"),
    path("design/", design.design, name="design"),
    path("sitemap.xml", structured_data.sitemap, name="sitemap"),
    path("robots.txt", structured_data.robots, name="robots"),
    path("favicon.ico", structured_data.favicon, name="favicon"),
    path("og/clinic.png", structured_data.clinic_picture, name="clinic-picture"),
    path("og/<slug:kind>/<slug:slug>.png", structured_data.card_picture, name="card-picture"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
