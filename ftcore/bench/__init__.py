"""Measures the speed and memory of training programs in new processes.

Modules: `suite` and `suite_file` (the suite), `running` (the rounds), `contestant` (ftcore's child process),
`recording` (the measurements of a child), `matmul` (the limit of the machine), `summary` (medians, ratios), `page` and
`chart` (Markdown and SVG).
"""

from typing import TYPE_CHECKING

from ftcore.helpers import lazy_names

if TYPE_CHECKING:
    from ftcore.bench.page import shown, write_page
    from ftcore.bench.results import Results
    from ftcore.bench.running import run_suite
    from ftcore.bench.suite import select
    from ftcore.bench.suite_file import load_suite
    from ftcore.bench.summary import figures, verdicts

__all__ = [
    "Results",
    "figures",
    "load_suite",
    "run_suite",
    "select",
    "shown",
    "verdicts",
    "write_page",
]

# A name is imported when it is first used: importing one module of this package must not import them all.
__getattr__ = lazy_names(
    __name__,
    {
        "page": (
            "shown",
            "write_page",
        ),
        "results": ("Results",),
        "running": ("run_suite",),
        "suite": ("select",),
        "suite_file": ("load_suite",),
        "summary": (
            "figures",
            "verdicts",
        ),
    },
)
