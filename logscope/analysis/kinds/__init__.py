"""What the lines say: groups as the analysis sees them, their meaning, whom they name, and what was normal."""
