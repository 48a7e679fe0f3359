"""Pictures drawn on the server from sealed claims: what stands where, and in which words.

Pure functions from the parts of a page to frozen dataclasses; templates in `components/` turn these into SVG
and tables. No figure is typed here. A claim without a figure (there never was one, or it was stopped) has no
mark.

Places along an axis are percentages, so a picture fits any width; heights are in em, so they grow with the
text.
"""
