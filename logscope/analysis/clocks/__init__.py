"""What time it was: zones and skews of the logs, and the order that their stamps leave open."""
