// tools/tracelib/report/web/readahead.js - what of read-ahead was used
// SPDX-License-Identifier: MIT

chart("readahead", data.readahead, (host, {rows}, width) => {
    legend("readahead", [["var(--green)", "wanted later"],
        ["var(--vermilion)", "left unused"],
        ["var(--grey)", "still there at the end, or not known"]]);
    return bars(host, width, rows.map((row) => {
        const rest = Math.max(row.read - row.used - row.unused, 0);
        const whole = row.used + row.unused + rest;
        return {
            label: row.name,
            parts: [[row.used, "var(--green)", "wanted later"],
                [row.unused, "var(--vermilion)", "left unused"],
                [rest, "var(--grey)", "not known"]],
            text: `${percent(row.used, whole)} of ${count(row.read)} pages`,
            more: [[null, "requests", count(row.requests)],
                [null, "pages asked for", count(row.read)]],
        };
    }), count, "Read-ahead: what was used");
});
