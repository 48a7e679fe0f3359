from django.urls import path

from referrals.views import friends, membership, programme, statement

app_name = "referrals"
urlpatterns = [
    path("refer-a-friend/", programme.programme, name="programme"),
    path("refer-a-friend/join/", membership.join, name="join"),
    path("refer-a-friend/sign-in/", membership.sign_in, name="sign-in"),
    path("refer-a-friend/code/", membership.code, name="code"),
    path("refer-a-friend/code/new/", membership.new_code, name="new-code"),
    path("refer-a-friend/sign-out/", membership.sign_out, name="sign-out"),
    path("refer-a-friend/terms/", membership.accept_terms, name="accept-terms"),
    path("refer-a-friend/unsent/", membership.unsent, name="unsent"),
    path("refer-a-friend/statement/", statement.statement, name="statement"),
    path("refer-a-friend/statement.csv", statement.download, name="statement-csv"),
    path("refer-a-friend/card/", statement.card, name="card"),
    path("refer-a-friend/qr.svg", statement.qr_code, name="qr-code"),
    path("refer-a-friend/link-name/", statement.link_name, name="link-name"),
    path("refer-a-friend/leave/", statement.leave, name="leave"),
    path("refer-a-friend/held-about-you.json", statement.held, name="held"),
    path("refer-a-friend/be-forgotten/", statement.be_forgotten, name="be-forgotten"),
    path("r/", friends.typed_code, name="typed-code"),
    path("r/<str:code>/", friends.welcome, name="welcome"),
    path("r/<str:code>/introduce/", friends.introduce, name="introduce"),
    path("introduction/<str:key>/", friends.introduced, name="introduced"),
    path("introduction/<str:key>/withdraw/", friends.withdraw, name="withdraw"),
    path("introduction-withdrawn/", friends.withdrawn, name="withdrawn"),
]
