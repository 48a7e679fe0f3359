from django.urls import path

from clinic_site.clinic import crawlers, fees, og_images, people, views
from clinic_site.clinic.corrections import CorrectionsFeed, corrections_page
from clinic_site.operations.modified import dated

app_name = "clinic"
urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("people/", people.people, name="people"),
    path("people/<slug:slug>/", people.person, name="person"),
    path("fees/", fees.fees, name="fees"),
    path("contact/", views.contact, name="contact"),
    path("contact/sent/", views.contact_sent, name="contact-sent"),
    path("testimonials/", views.testimonials, name="testimonials"),
    path("accreditations/", views.accreditations, name="accreditations"),
    path("privacy/", views.policy, {"slug": "privacy"}, name="privacy"),
    path("accessibility/", views.policy, {"slug": "accessibility"}, name="accessibility"),
    path("how-we-write/", views.how_we_write, name="how-we-write"),
    path("corrections/", corrections_page, name="corrections"),
    path("corrections/feed/", dated(CorrectionsFeed()), name="corrections-feed"),
    path("<slug:slug>/history/", views.policy_history, name="policy-history"),
    path("<slug:slug>/history/<int:number>/", views.policy_edition, name="policy-edition"),
    path("sitemap.xml", dated(crawlers.sitemap), name="sitemap"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("favicon.ico", og_images.favicon, name="favicon"),
    path("og/clinic.png", og_images.clinic_picture, name="clinic-picture"),
    path("og/<slug:kind>/<slug:slug>.png", og_images.card_picture, name="card-picture"),
]
