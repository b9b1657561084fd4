"""What the server does around the pages: who may ask it what, in which language, and files beside the pages."""
