"""Where dumps of databases lie: a folder, or a bucket of an S3-compatible store."""
