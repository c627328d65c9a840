// tools/tracelib/report/web/legend.js - what colors are for
// SPDX-License-Identifier: MIT

// keys: [color, text, figure or undefined, "line" or "ramp" or undefined]
function legend(name, keys) {
    document.querySelector(`[data-legend="${name}"]`).replaceChildren(
        ...keys.map(([fill, text, figure, form]) => html("span",
            {class: "key"},
            html("span", {class: `swatch ${form || ""}`,
                style: `background:${fill}`}),
            text, ...(figure === undefined ? [] : [html("b", {}, figure)]))));
}
