"""What a developer runs from a clone: the checks of the code, the tests and their real parts."""
