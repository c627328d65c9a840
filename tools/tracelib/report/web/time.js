// tools/tracelib/report/web/time.js - where the time went
// SPDX-License-Identifier: MIT

chart("spent", data.latency, (host, {rows, elapsed}, width) =>
    bars(host, width, rows.slice(0, 8).map((row) => ({
        label: row.name,
        parts: [[row.total, causeColor(row.cause), "in all"]],
        text: `${duration(row.total)} · ${percent(row.total, elapsed)} of ` +
            "the time",
        more: [[null, "faults", count(row.count)],
            [null, "of them major", count(row.majors)]],
    })), duration, "Time in faults by cause"));
