"""Small plots as SVG, 800 by 450, to be read on a light and on a dark page."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 800, 450
STYLE = """
  text { font: 13px sans-serif; fill: #1f2328 }
  .page { fill: #ffffff } .title { font-size: 17px; font-weight: bold } .small { font-size: 11px }
  .value { font-size: 9.5px }
  .end { text-anchor: end } .middle { text-anchor: middle }
  .grid { stroke: #d0d7de } .axis { stroke: #57606a }
  .a { fill: #1a7f37 } .b { fill: #2da44e } .c { fill: #7bc98f }
  .d { fill: #57606a } .e { fill: #8c959f } .f { fill: #bcc3cb }
  .line { fill: none; stroke: #1a7f37; stroke-width: 2.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .page { fill: #0d1117 }
    .grid { stroke: #30363d } .axis { stroke: #8b949e }
    .a { fill: #56d364 } .b { fill: #2ea043 } .c { fill: #1b6a2e }
    .d { fill: #b1bac4 } .e { fill: #8b949e } .f { fill: #59616b } .line { stroke: #56d364 }
  }
"""


class Picture:
    def __init__(self, title, subtitle):
        self.parts = []
        self.text(20, 30, title, "title")
        self.text(20, 50, subtitle, "small")

    def text(self, x, y, text, kind=""):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(text)}</text>')

    def line(self, x, y, to_x, to_y, kind):
        self.parts.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" '
                          f'class="{kind}"/>')

    def box(self, x, y, width, height, kind):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
                          f'height="{height:.1f}" class="{kind}"/>')

    def curve(self, points):
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{places}" class="line"/>')
        for x, y in points:
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="a"/>')

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
                       f' viewBox="0 0 {WIDTH} {HEIGHT}">\n<style>{STYLE}</style>\n'
                       f'<rect width="{WIDTH}" height="{HEIGHT}" class="page"/>\n')
            file.write("\n".join(self.parts) + "\n</svg>\n")


def bars(path, title, subtitle, series, rows):
    """A group of bars to the right for each of rows: (name, values, ours); a value may be None.

    The scale is logarithmic; `series` names what stands at each place of the values."""
    picture = Picture(title, subtitle)
    left, right, top, bottom = 250, 740, 84, 412
    values = [value for _, some, _ in rows for value in some if value]
    low, high = (10 ** end for end in (math.floor(math.log10(min(values)) - 0.01),
                                       math.ceil(math.log10(max(values)))))

    def place(value):
        return left + (right - left) * math.log(value / low) / math.log(high / low)

    mark = low
    while mark <= high:
        picture.line(place(mark), top, place(mark), bottom, "grid")
        picture.text(place(mark), bottom + 18, f"{mark:,}", "middle small")
        mark *= 10
    picture.line(left, top, left, bottom, "axis")
    legend(picture, series, left)
    pitch = (bottom - top) / len(rows)
    for number, (name, some, ours) in enumerate(rows):
        kinds = "abc" if ours else "def"
        shown = [(value, kind) for value, kind in zip(some, kinds) if value]
        height = min(14, pitch * 0.88 / len(series))
        start = top + pitch * (number + 0.5) - height * len(shown) / 2
        picture.text(left - 8, top + pitch * (number + 0.5) + 4.5, name, "end")
        for at, (value, kind) in enumerate(shown):
            picture.box(left, start + at * height, place(value) - left, height - 1, kind)
            picture.text(place(value) + 4, start + at * height + height / 2 + 3.5,
                         f"{value:,.0f}", "value")
    picture.text((left + right) / 2, bottom + 32, "requests per second, logarithmic",
                 "middle small")
    picture.save(path)


def legend(picture, series, x):
    for name, kinds in zip(series, ("ad", "be", "cf")):
        for kind in kinds:
            picture.box(x, 64, 11, 11, kind)
            x += 13
        picture.text(x + 3, 74, name, "small")
        x += 20 + 6.5 * len(name)


def growth(path, title, subtitle, panels):
    """Side by side, what a thing costs as it grows: panels of (name, unit, {size: cost})."""
    picture = Picture(title, subtitle)
    top, bottom, width = 100, 380, (WIDTH - 40) / len(panels)
    for number, (name, unit, costs) in enumerate(panels):
        left, right = 20 + number * width + 50, 20 + (number + 1) * width - 25
        sizes = sorted(costs)
        step = round_step(max(costs.values()) * 1.25 / 4)

        def down(cost, step=step):
            return bottom - (bottom - top) * cost / (4 * step)

        picture.text((left + right) / 2, top - 18, f"{name}: {unit}", "middle")
        for mark in range(5):
            picture.line(left, down(mark * step), right, down(mark * step),
                         "grid" if mark else "axis")
            picture.text(left - 6, down(mark * step) + 4, f"{mark * step:,g}", "end small")
        points = [(left + (right - left) * (at + 0.5) / len(sizes), down(costs[size]))
                  for at, size in enumerate(sizes)]
        picture.curve(points)
        for (x, y), size in zip(points, sizes):
            cost = costs[size]
            picture.text(x, y - 10, f"{cost:,.0f}" if cost >= 100 else f"{cost:.3g}",
                         "middle small")
            picture.text(x, bottom + 20, f"{size:,}", "middle small")
        picture.text((left + right) / 2, bottom + 42, "events", "middle small")
    picture.save(path)


def round_step(least):
    """1, 2, 2.5 or 5 times a power of ten, not less than `least`."""
    power = 10 ** math.floor(math.log10(least))
    return next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= least)
