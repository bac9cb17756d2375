"""Collects the data statistics that `ftcore spec check` prints."""

from typing import Any

from ftcore.data.prepare import PreparedData


def data_statistics(data: PreparedData) -> dict[str, Any]:
    """Return the counts of each split and the overlaps between splits, ready for JSON."""
    return {
        "labels": data.labels,
        "splits": {
            split: {
                "rows": report.rows,
                "rejected_rows": report.rejected_rows,
                "rejected": [str(rejection) for rejection in report.rejected],
                "duplicates": report.duplicates,
                "truncated": report.truncated,
                "truncated_share": report.truncated / report.rows,
                "unread_words": report.unread_words,
                "tokens": report.tokens,
                "tokens_per_row": report.tokens / report.rows,
                "per_label": report.per_label,
            }
            for split, report in data.reports.items()
        },
        "overlap": data.overlap,
    }
