"""The small package behind the course *Maximum Likelihood: from one coin to generative models*."""
