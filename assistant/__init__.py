"""据典: questions about Chinese reports, answered with citations that are checked.

A name is loaded when it is first asked for (PEP 562): `judian --help` needs none of the libraries behind them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.batch import hits_to_json
    from assistant.building import BuildState
    from assistant.choice import ModelChoice
    from assistant.comparison import Comparison, comparison_of
    from assistant.conversations import Conversation, Turn
    from assistant.endpoint import public_url
    from assistant.errors import EndpointError, InputError, LoginError, ModelError, SettingsError, WeightsError
    from assistant.evaluating import EvaluationJob, RunState
    from assistant.export import answer_text
    from assistant.feedback import Feedback, append_feedback, read_feedback
    from assistant.figures import FoundFigure, contains_figure, find_figures, same_figure
    from assistant.filing import Discarded
    from assistant.judging import JudgeModel, open_judge
    from assistant.library import Library, ReportInfo, VersionInfo
    from assistant.logins import Accounts
    from assistant.loopback import is_loopback
    from assistant.page_image import PageImage
    from assistant.preview import Preview, PreviewRow
    from assistant.redact import redacted
    from assistant.schema import CITATION_MARK, Answer, Citation, Event, Evidence, Figure, Hit, Progress, Token
    from assistant.scope import Scope
    from assistant.screen import visible
    from assistant.service import Assistant, open_assistant
    from assistant.settings import Settings, read_settings
    from assistant.talks import LONGEST_QUESTION, Draft, Talk, Talks, open_talks
    from assistant.trace import app_version
    from index import IndexMissingError, JudianError

__all__ = [
    "CITATION_MARK",
    "LONGEST_QUESTION",
    "Accounts",
    "Answer",
    "Assistant",
    "BuildState",
    "Citation",
    "Comparison",
    "Conversation",
    "Discarded",
    "Draft",
    "EndpointError",
    "EvaluationJob",
    "Event",
    "Evidence",
    "Feedback",
    "Figure",
    "FoundFigure",
    "Hit",
    "IndexMissingError",
    "InputError",
    "JudgeModel",
    "JudianError",
    "Library",
    "LoginError",
    "ModelChoice",
    "ModelError",
    "PageImage",
    "Preview",
    "PreviewRow",
    "Progress",
    "ReportInfo",
    "RunState",
    "Scope",
    "Settings",
    "SettingsError",
    "Talk",
    "Talks",
    "Token",
    "Turn",
    "VersionInfo",
    "WeightsError",
    "answer_text",
    "app_version",
    "append_feedback",
    "comparison_of",
    "contains_figure",
    "find_figures",
    "hits_to_json",
    "is_loopback",
    "open_assistant",
    "open_judge",
    "open_talks",
    "public_url",
    "read_feedback",
    "read_settings",
    "redacted",
    "same_figure",
    "visible",
]

# The same names by the module that each comes from, for who is not a type checker.
_HOMES = {
    "assistant.page_image": "PageImage",
    "assistant.export": "answer_text",
    "assistant.conversations": "Conversation Turn",
    "assistant.talks": "LONGEST_QUESTION Draft Talk Talks open_talks",
    "assistant.comparison": "Comparison comparison_of",
    "assistant.batch": "hits_to_json",
    "assistant.building": "BuildState",
    "assistant.choice": "ModelChoice",
    "assistant.endpoint": "public_url",
    "assistant.errors": "EndpointError InputError LoginError ModelError SettingsError WeightsError",
    "assistant.evaluating": "EvaluationJob RunState",
    "assistant.feedback": "Feedback append_feedback read_feedback",
    "assistant.figures": "FoundFigure contains_figure find_figures same_figure",
    "assistant.filing": "Discarded",
    "assistant.judging": "JudgeModel open_judge",
    "assistant.library": "Library ReportInfo VersionInfo",
    "assistant.logins": "Accounts",
    "assistant.loopback": "is_loopback",
    "assistant.preview": "Preview PreviewRow",
    "assistant.redact": "redacted",
    "assistant.schema": "CITATION_MARK Answer Citation Event Evidence Figure Hit Progress Token",
    "assistant.scope": "Scope",
    "assistant.service": "Assistant open_assistant",
    "assistant.settings": "Settings read_settings",
    "assistant.trace": "app_version",
    "assistant.screen": "visible",
    "index": "IndexMissingError JudianError",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
    return value
