"""The demonstration: an invented town, real servers, one alert through the whole house."""
