"""One module a messaging service, behind `base.Service`."""
