"""The chat in the browser: `ui.app.build_page` makes the page, `ui.app.serve` shows it on this machine."""
