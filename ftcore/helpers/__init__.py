"""General helpers: child processes, optional packages, suggestions for names, and prefetching."""

from ftcore.helpers.ahead import ahead
from ftcore.helpers.arguments import check_choice, check_list, check_mapping
from ftcore.helpers.lazy import lazy_names
from ftcore.helpers.libraries import required, version_of
from ftcore.helpers.listing import listed
from ftcore.helpers.processes import (
    MENDABLE,
    ChildError,
    Ended,
    captured,
    captured_together,
    child_exit_code,
    code_command,
    merged,
    module_command,
    passed_through,
)
from ftcore.helpers.suggestions import did_you_mean

__all__ = [
    "MENDABLE",
    "ChildError",
    "Ended",
    "ahead",
    "captured",
    "captured_together",
    "check_choice",
    "check_list",
    "check_mapping",
    "child_exit_code",
    "code_command",
    "did_you_mean",
    "lazy_names",
    "listed",
    "merged",
    "module_command",
    "passed_through",
    "required",
    "version_of",
]
