"""The cloud base on Google Cloud: one component a file; logical names are constants, physical names come from args."""
