"""The course's commands: ``python -m tools`` lists them; `make` calls the same."""
