"""据典: questions about Chinese reports, answered with citations that are checked."""

from assistant.errors import EndpointError, InputError, ModelError, SettingsError, WeightsError
from assistant.feedback import Feedback, append_feedback, read_feedback
from assistant.figures import FoundFigure, contains_figure, find_figures, same_figure
from assistant.schema import Answer, Citation, Event, Evidence, Figure, Hit, Progress, Token
from assistant.service import Assistant, open_assistant
from assistant.settings import Settings, read_settings
from index import JudianError

__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "EndpointError",
    "Event",
    "Evidence",
    "Feedback",
    "Figure",
    "FoundFigure",
    "Hit",
    "InputError",
    "JudianError",
    "ModelError",
    "Progress",
    "Settings",
    "SettingsError",
    "Token",
    "WeightsError",
    "append_feedback",
    "contains_figure",
    "find_figures",
    "open_assistant",
    "read_feedback",
    "read_settings",
    "same_figure",
]
