// tools/tracelib/report/web/latency.js - histograms of durations
// SPDX-License-Identifier: MIT

chart("latency", data.latency, (host, {rows}, width) => {
    const isNarrow = width < NARROW;
    const left = isNarrow ? 4 : 170;
    const right = isNarrow ? width - 4 : width - 250;
    const rowHeight = isNarrow ? 96 : 62;
    const bar = isNarrow ? 44 : 46;
    const height = rows.length * rowHeight + 46;
    const first = Math.min(...rows.map((row) => row.histogram.first));
    const last = Math.max(...rows.map((row) => row.histogram.first +
        row.histogram.counts.length - 1));
    const x = linear(first, last + 1, left, right);
    const plot = picture(host, width, height, "Durations of faults by cause");
    const bottom = rows.length * rowHeight + 8;
    const marks = durationTicks(first, last).filter((ns) => !isNarrow ||
        Math.log10(ns) % 2 < 0.5);
    xAxis(plot, (ns) => x(2 * Math.log2(ns)), marks,
        {left, right, top: 8, bottom}, duration,
        "duration of a fault (logarithmic)");
    rows.forEach((row, i) => {
        const base = (i + 1) * rowHeight;
        const most = Math.max(...row.histogram.counts);
        const group = svg("g");
        row.histogram.counts.forEach((value, at) => {
            const tall = value ? Math.max(value / most * bar, 1) : 0;
            const from = x(row.histogram.first + at);
            const rect = svg("rect", {x: from, y: base - tall,
                width: Math.max(x(1) - x(0) - 1, 1), height: tall,
                fill: causeColor(row.cause)});
            group.append(rect);
        });
        group.append(svg("line", {class: "axis", x1: left, x2: right,
            y1: base, y2: base}));
        const figures = `${counted(row.count, "fault")} · median ` +
            `${duration(row.median)} · 99\u202f% below ${duration(row.p99)}`;
        if (isNarrow) {
            group.append(svg("text", {class: "strong", x: left,
                y: base - bar - 25}, row.name),
            svg("text", {x: left, y: base - bar - 9}, figures));
        } else {
            group.append(svg("text", {class: "strong", x: 0, y: base - 18},
                row.name), svg("text", {x: 0, y: base - 3},
                counted(row.count, "fault")),
            svg("text", {x: right + 14, y: base - 25},
                `median ${duration(row.median)}`),
            svg("text", {x: right + 14, y: base - 9},
                `99\u202f% below ${duration(row.p99)}, ` +
                `longest ${duration(row.max)}`));
        }
        plot.append(group);
    });
    onPoint(plot, width, height, (event, px, py) => {
        const row = rows[Math.floor(py / rowHeight)];
        const bucket = Math.floor(x.invert(px));
        const value = row?.histogram.counts[bucket - row.histogram.first];
        if (value === undefined)
            return hideTip();
        return showTip(event, row.name, [[causeColor(row.cause),
            `${duration(bucketStart(bucket))} to ` +
            duration(bucketStart(bucket + 1)), count(value)]]);
    });
    return rows.reduce((sum, row) => sum +
        row.histogram.counts.filter(Boolean).length, 0);
});
