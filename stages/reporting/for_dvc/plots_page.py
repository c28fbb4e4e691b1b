"""Write the page into which ``dvc plots`` puts its plots.

As a command, ``python -m stages.reporting.for_dvc.plots_page``.

DVC's own page loads Vega from the network. This one carries it, as the pinned vl-convert-python
ships it, and forbids the browser to load anything: plots are drawn without a network. The report
takes its Vega from here.
"""

import base64
import hashlib

import vl_convert

from stages.reporting import PLOTS_PAGE

#: The Vega-Lite that belongs to the Vega that vl-convert-python ships. It draws what is written for
#: version 5, as DVC's plots are; an older one would be at odds with that Vega.
VEGA_LITE = "6.4"

#: How the page draws what DVC puts in. DVC writes data into a script as they are, where a name of a
#: branch can end it and begin another. So nothing of DVC's is run: it stays inside a template, the
#: browser runs the two scripts only whose digests stand in the head, and this one reads plots as
#: JSON. Vega interprets their expressions, instead of making functions of them.
#:
#: The menu has no entries that would send a plot to a web site. The version that DVC writes for is
#: left out, which Vega-Embed would mention. Of a table without rows DVC makes a plot without data.
DRAW = r"""
document.addEventListener("DOMContentLoaded", () => {
"use strict";
const options = {
    mode: "vega-lite", ast: true, actions: {source: false, compiled: false, editor: false}
};
const written = /^\s*var spec = (\{.*\});\s*vegaEmbed\('[^']*', spec\);\s*$/s;
const draw = (place, script) => {
    let spec;
    try {
        spec = JSON.parse(written.exec(script)[1]);
    } catch {
        place.replaceChildren(`${place.id}: not drawn, as its data could be taken for code`);
        return;
    }
    const {$schema, ...plot} = spec;
    if (plot.data) window.vegaEmbed(place, plot, options);
    else place.append(`${place.id}: no data`);
};
for (const own of document.getElementById("plots").content.children) {
    if (own.tagName !== "DIV") continue;
    const place = document.importNode(own, true), scripts = [...place.querySelectorAll("script")];
    scripts.forEach(script => script.remove());
    document.body.append(place);
    if (scripts.length) draw(place, scripts[0].textContent);
}
});
"""

#: DVC replaces ``{plot_divs}`` and ``{refresh_tag}``. Its ``{scripts}``, which load Vega from the
#: network, are left out.
SKELETON = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; \
form-action 'none'; img-src file: data: blob:; script-src %s; style-src 'unsafe-inline'">
{refresh_tag}
<title>Plots of the study</title>
<style>
body { margin: 2em; font-family: sans-serif; color: #222222; background: white; }
body > div { margin-bottom: 3em; overflow-x: auto; }
table { border-spacing: 15px; }
</style>
<script>%s</script>
<script>%s</script>
</head>
<body>
<h1>Plots of the study</h1>
<template id="plots">
{plot_divs}
</template>
</body>
</html>
"""


def page() -> str:
    """Return the page with placeholders for what DVC puts in."""
    # Of Vega alone the package's bundle exports nothing.
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", VEGA_LITE)
    # Neither may end the script; in JavaScript's texts a backslash before a slash says nothing.
    bundle = bundle.strip().replace("</script", "<\\/script")
    vega = f'(() => {{\n"use strict";\n{bundle}\n}})();'
    return SKELETON % (" ".join(map(_digest, (vega, DRAW))), vega, DRAW)


def _digest(script: str) -> str:
    """Return a script as a Content-Security-Policy names it."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


if __name__ == "__main__":
    PLOTS_PAGE.write_text(page(), encoding="utf-8", newline="\n")
