"""Orders of growth: ``o``, ``omega``, ``O`` and ``Theta`` between expressions, decided exactly."""
