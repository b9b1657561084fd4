"""The tab of question sets: sets made of proposals, asked, and their runs compared."""
