"""What stands in for AWS: inputs become the API's requests, and moto answers them.

For each service a module says which requests make a resource. The same function serves twice: a check hands the
requests to Amazon's own models of its APIs (botocore), and a create sends them to moto.
"""
