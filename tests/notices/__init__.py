"""A type of document that the site doesn't know: a room of its own, signed by managers. Its whole life is in
`tests/publishing/test_document_types.py`.
"""
