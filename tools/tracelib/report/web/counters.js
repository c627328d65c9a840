// tools/tracelib/report/web/counters.js - the page against the guest
// SPDX-License-Identifier: MIT

chart("counters", data.counters, (host, {rows}) => {
    const shown = table(host, [["/proc/vmstat", "name"],
        ["grew by", "figure"], ["records say", "figure"], ["", "figure"]],
    rows.map((row) => ({kind: row.state, cells: [
        row.name, count(row.guest), row.page === null ? "–" : count(row.page),
        html("span", {class: `state ${row.state.split(" ")[0]}`},
            row.state === "same" ? "the same" : row.state)]})));
    if (rows.length)
        host.append(html("p", {class: "lead"},
            `Between ${seconds(rows[0].from)} and ` +
            `${seconds(rows[0].to)}, the first and the last time that the ` +
            "kernel sent its counters."));
    return shown;
});
