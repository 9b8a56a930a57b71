"""The customer's cluster through the official Kubernetes client; the only place that imports it."""
