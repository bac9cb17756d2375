"""Speed and memory of training, measured side by side in fresh processes.

Modules: `suite` and `suite_file` (what is measured), `running` (the rounds), `contestant` (ftcore's own child
process), `recording` (what every child writes), `matmul` (what the machine could do), `summary` (medians, ratios),
`page` and `chart` (Markdown and SVG).
"""
