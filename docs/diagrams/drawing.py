"""Boxes, lines and words of a diagram, as SVG that is the same to the byte each time."""

import textwrap
from dataclasses import dataclass, field
from html import escape

INK, PALE, LINE = "#1b1f24", "#57606a", "#8c959f"
BLUE, LIGHT, ORANGE, GREEN = "#0a5384", "#dbe9f4", "#a2420b", "#3c6e1f"
FONT = "Arial, 'DejaVu Sans', 'Liberation Sans', sans-serif"


@dataclass
class Drawing:
    """What is drawn, from the back to the front, on white, which is read in dark pages too."""

    width: int
    height: int
    title: str
    parts: list[str] = field(default_factory=list)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, line: str = "none"
    ) -> None:
        """Draw a box with round corners."""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" '
            f'fill="{fill}" stroke="{line}"/>'
        )

    def words(
        self, x: float, y: float, text: str, size: int = 13, ink: str = INK, *, bold: bool = False
    ) -> None:
        """Write a line of text that begins here."""
        look = f'font-size="{size}" fill="{ink}"' + (' font-weight="bold"' if bold else "")
        self.parts.append(f'<text x="{x:g}" y="{y:g}" {look}>{escape(text)}</text>')

    def paragraph(self, x: float, y: float, text: str, letters: int, ink: str = PALE) -> float:
        """Write text in lines of so many letters at most; return where the next would stand."""
        for line in textwrap.wrap(text, letters):
            self.words(x, y, line, 12, ink)
            y += 16
        return y

    def arrow(self, path: str) -> None:
        """Draw a line along a path, with a head at its end."""
        self.parts.append(
            f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.5" '
            'marker-end="url(#head)"/>'
        )

    def svg(self) -> str:
        """Return the file."""
        lines = "\n".join(self.parts)
        return f"""<svg xmlns="http://www.w3.org/2000/svg" role="img" font-family="{FONT}" \
viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}">
<title>{escape(self.title)}</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
orient="auto"><path d="M0 0L8 4L0 8z" fill="{LINE}"/></marker></defs>
<rect width="{self.width}" height="{self.height}" fill="#ffffff"/>
{lines}
</svg>
"""
