"""The atlas: who depends on whom, and what fails if."""
