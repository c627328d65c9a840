// tools/tracelib/report/web/places.js - tables; the costliest code
// SPDX-License-Identifier: MIT

// head: [text, class]; cells of a row: text or element, with head's class.
function table(host, head, rows) {
    const cell = (name, content, kind) => html(name, kind ? {class: kind} : {},
        ...(Array.isArray(content) ? content : [content]));
    host.append(html("div", {class: "scroll"}, html("table", {},
        html("thead", {}, html("tr", {}, ...head.map(([text, kind]) =>
            cell("th", text, kind)))),
        html("tbody", {}, ...rows.map(({cells, kind}) => html("tr",
            kind ? {class: kind} : {}, ...cells.map((content, i) =>
                cell("td", content, head[i][1]))))))));
    return rows.length;
}

function below(text) {
    return html("span", {class: "below"}, text);
}

chart("places", data.places, (host, {rows, total}) => {
    const most = rows[0].ns || 1; // all may have taken no time
    return table(host, [["code", "name"], ["faults", "figure"],
        ["major", "figure wide"], ["time in faults", "figure"],
        ["mean", "figure wide"]],
    rows.map((row) => ({cells: [
        [row.function, below([row.process || "?", row.file, row.line]
            .filter(Boolean).join(" · "))],
        count(row.faults), count(row.majors),
        [`${duration(row.ns)} · ${percent(row.ns, total)}`, html("span",
            {class: "bar", style: `width:${100 * row.ns / most}%`})],
        duration(row.ns / row.faults)]})));
});
