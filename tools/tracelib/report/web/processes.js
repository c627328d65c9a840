// tools/tracelib/report/web/processes.js - who was there
// SPDX-License-Identifier: MIT

function lifeBar({start, end}, whole) {
    const left = 100 * (start - whole.start) / (whole.end - whole.start || 1);
    const wide = 100 * (end - start) / (whole.end - whole.start || 1);
    return html("span", {class: "bar", style: "background:var(--blue);" +
        `margin-left:${Math.min(left, 99)}%;width:${Math.max(wide, 1)}%`});
}

chart("processes", data.processes, (host, numbers) => {
    const head = [["process", ""], ["there, from start to end", "wide"],
        ["faults", "figure"], ["major", "figure"],
        ["time in faults", "figure"]];
    if (numbers.has_cpu)
        head.push(["CPU", "figure wide"]);
    head.push(["largest RSS", "figure wide"]);
    const shown = table(host, head, numbers.rows.map((row) => ({cells: [
        [row.label, below(row.names.length > 1
            ? `was ${row.names.slice(0, -1).join(", ")}` : "")],
        [duration(row.end - row.start), lifeBar(row, numbers)],
        count(row.faults), count(row.majors), duration(row.ns),
        ...(numbers.has_cpu ? [duration(row.cpu)] : []),
        row.rss ? pages(row.rss) : "–"]})));
    if (numbers.others)
        host.append(html("p", {class: "lead"}, `And ${count(numbers.others)} ` +
            "others with fewer faults."));
    return shown;
});
