"""The Pulumi program of every installation; what it makes is described by the stack's configuration alone."""

from kastellan.provision.program import run

run()
