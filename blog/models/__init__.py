"""What the answers are made of: topics, answers, and the questions that patients send."""

from blog.models.answer import AFTERCARE, Answer, Topic
from blog.models.question import CloseReason, Question

__all__ = ["AFTERCARE", "Answer", "CloseReason", "Question", "Topic"]
