"""A developers' tool: how large and how tangled the product is. `make metrics`."""
