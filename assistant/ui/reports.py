"""The page 报告."""

from __future__ import annotations

import gradio as gr

from assistant.ui.context import Context


def reports_page(blocks: gr.Blocks, context: Context) -> None:
    """Lays the page out in the open tab and connects it."""
    gr.HTML(f"<p>{context.assistant.report_count} 份报告</p>")
