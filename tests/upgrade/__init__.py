"""Sites as earlier versions left them, and that today's code brings each of them up to date.

A folder for each version, made once (see `__main__`) and never again: somebody runs it.
"""
