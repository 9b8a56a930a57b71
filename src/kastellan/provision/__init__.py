"""The Pulumi program and its components: what an installation consists of, never when it changes."""
