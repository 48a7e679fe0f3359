from clinic_site.accounts.roles import EDITOR, MANAGER
from clinic_site.publishing.models import Document


class Notice(Document):
    KIND = "notice"
    LABEL = "Notice"
    PARTS = {"what-changes": "What changes"}
    IS_MEDICAL = False
    SIGNED_BY = MANAGER
    WRITTEN_BY = (MANAGER, EDITOR)
    REVIEW_DAYS = 200
    SEARCH_RANK = 5
    OPEN_GRAPH_TYPE = "website"
    url_name = "notices:notice"
