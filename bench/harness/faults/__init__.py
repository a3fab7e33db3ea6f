"""The fault bench: proxies under backends that die, hang, reset and lie, under hostile clients, and for a long time."""
