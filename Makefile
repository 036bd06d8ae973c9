# The course in two commands: `make book` and `make test`. `make` alone lists the rest; tools/commands.py is what they do.
# Without make, also on Windows: `python -m tools book` and so on.
# PYTHON=/path/to/python3 chooses the Python that .venv is made from (3.11 or newer).
export PYTHON OPEN PORT
.DEFAULT_GOAL := help
COMMANDS := help book serve test lint tidy notebooks minutes lab pdf zip spelling audit processors seeds links bench lock
COMMANDS += clean readers dev
.PHONY: $(COMMANDS)

$(COMMANDS):
	@sh tools/run.sh $@ $(N) $(ARGS)
