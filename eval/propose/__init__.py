"""Propose questions from documents, for a person to accept, edit or reject: how a set of one's own is made.

No screen is known here; the command line and the page show proposals and hand decisions to a `Session`.
"""

from eval.propose.proposals import SHARE, Proposal, propose
from eval.propose.session import Session
from eval.propose.writer import Writer

__all__ = ["SHARE", "Proposal", "Session", "Writer", "propose"]
