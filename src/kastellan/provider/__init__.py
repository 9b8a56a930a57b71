"""The Pulumi provider `kastellan`: a thin gRPC face over planning, execution and adapters."""
