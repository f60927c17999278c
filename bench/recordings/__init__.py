"""Records what the product does, so that two versions of it can be compared to the byte."""
