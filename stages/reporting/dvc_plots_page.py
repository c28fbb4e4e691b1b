"""Write the page into which ``dvc plots`` puts its plots.

As a command, ``python -m stages.reporting.dvc_plots_page``.

DVC's own page loads Vega from the network. This one carries it, as the pinned vl-convert-python
ships it, and forbids the browser to load anything: plots are drawn without a network. The report
takes its Vega from here.
"""

import vl_convert

from stages.reporting import PLOTS_PAGE

#: The Vega-Lite that belongs to the Vega that vl-convert-python ships. It draws what is written for
#: version 5, as DVC's plots are; an older one would be at odds with that Vega.
VEGA_LITE = "6.4"

#: How the page draws what DVC hands to ``vegaEmbed``: without the menu entries that would send a
#: plot to a web site, and without the version that DVC writes for, which Vega-Embed would mention.
#: Of a table without rows DVC makes a plot without anything.
DRAW = """{
const embed = window.vegaEmbed;
const options = {mode: "vega-lite", actions: {source: false, compiled: false, editor: false}};
window.vegaEmbed = (place, {$schema, ...plot}) => plot.data ? embed(place, plot, options)
    : document.querySelector(place).append(`${place}: no data`);
}"""

#: DVC replaces ``{plot_divs}`` and ``{refresh_tag}``. Its ``{scripts}``, which load Vega from the
#: network, are left out.
SKELETON = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src file: data: blob:; \
script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'">
{refresh_tag}
<title>Plots of the study</title>
<style>
body { margin: 2em; font-family: sans-serif; color: #222222; background: white; }
body > div { margin-bottom: 3em; overflow-x: auto; }
table { border-spacing: 15px; }
</style>
<script>
(() => {
"use strict";
%s
})();
</script>
<script>
%s
</script>
</head>
<body>
<h1>Plots of the study</h1>
{plot_divs}
</body>
</html>
"""


def page() -> str:
    """Return the page with placeholders for what DVC puts in."""
    # Of Vega alone the package's bundle exports nothing.
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", VEGA_LITE)
    # Neither may end the script; in JavaScript's texts a backslash before a slash says nothing.
    vega = bundle.strip().replace("</script", "<\\/script")
    before, between, after = SKELETON.split("%s")
    return f"{before}{vega}{between}{DRAW}{after}"


if __name__ == "__main__":
    PLOTS_PAGE.write_text(page(), encoding="utf-8", newline="\n")
