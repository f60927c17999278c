"""The ways in for text: the page (`web`) and the messaging services (`messaging`)."""
