"""The life of an alert: draft, approval, audience, launch, cancel."""
