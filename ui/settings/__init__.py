"""The tab of the settings."""
