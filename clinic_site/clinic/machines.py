from django.http import HttpResponse


def sitemap(request):
    return HttpResponse()


def robots(request):
    return HttpResponse()


def favicon(request):
    return HttpResponse()


def card_picture(request, kind, slug):
    return HttpResponse()
