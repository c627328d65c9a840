// tools/tracelib/report/web/swap.js - swap slots
// SPDX-License-Identifier: MIT

chart("slots", part(data.swap, true, ""), (host, {map}, width) => {
    const left = 58;
    const box = {left, top: 4, width: width - left - 4,
        height: Math.max(map.rows * 5, 60)};
    const height = box.top + box.height + 40;
    const [canvas, context] = canvasOf(host, width, height,
        "Swap slots written and read, by time");
    context.fillStyle = color("heat-none");
    context.fillRect(box.left, box.top, box.width, box.height);
    const {columns} = map.bins;
    const most = grid(context, {columns, rows: map.rows, cells: map.cells},
        box, (outs, ins) => [outs + ins, ins / (outs + ins)]);
    canvasTimeAxis(context, map.bins, box);
    context.textAlign = "right";
    context.fillText("first slot", left - 6, box.top + 10);
    context.fillText("last", left - 6, box.top + box.height - 2);
    const cells = cellsByPlace(map.cells);
    onPoint(canvas, width, height, (event, x, y) => {
        const column = Math.floor((x - box.left) / box.width * columns);
        const row = Math.floor((y - box.top) / box.height * map.rows);
        if (column < 0 || column >= columns || row < 0 || row >= map.rows)
            return hideTip();
        const [outs, ins] = cells.get(row * columns + column) || [0, 0];
        return showTip(event, seconds(map.bins.start + column *
            map.bins.width), [[ramp("a"), "written", count(outs)],
            [ramp("b"), "read", count(ins)]]);
    });
    legend("slots", [[ramp("a"), `written: 1 to ${short(most)} in a cell`,
        undefined, "ramp"], [ramp("b"), "read", undefined, "ramp"]]);
    return map.cells.length / 3;
});

chart("reuse", data.swap, (host, {written, read, slots}, width) => {
    const size = {left: 46, right: width - 4, top: 26, bottom: 170};
    const plot = picture(host, width, 214, "Times that a slot was used");
    const over = ticksOver(Math.max(...written, ...read), 3);
    const y = linear(0, over.at(-1), size.bottom, size.top);
    yAxis(plot, y, over, size.left, size.right, short, "slots");
    const step = (size.right - size.left) / written.length;
    written.forEach((value, i) => {
        const x = size.left + i * step;
        plot.append(svg("rect", {x: x + step * 0.12, width: step * 0.36,
            y: y(value), height: size.bottom - y(value),
            fill: "var(--blue)"}),
        svg("rect", {x: x + step * 0.52, width: step * 0.36, y: y(read[i]),
            height: size.bottom - y(read[i]), fill: "var(--orange)"}),
        svg("text", {x: x + step / 2, y: size.bottom + 16,
            "text-anchor": "middle"}, i === written.length - 1 ? `${i}+` : i));
    });
    plot.append(svg("text", {x: (size.left + size.right) / 2,
        y: size.bottom + 33, "text-anchor": "middle"}, "times"));
    onPoint(plot, width, 214, (event, x) => {
        const i = Math.floor((x - size.left) / step);
        if (!(i in written))
            return hideTip();
        return showTip(event, `${i}${i === written.length - 1 ? " or more"
            : ""} times, of ${count(slots)} slots`,
        [["var(--blue)", "written", count(written[i])],
            ["var(--orange)", "read", count(read[i])]]);
    });
    legend("reuse", [["var(--blue)", "written"], ["var(--orange)", "read"]]);
    return written.filter(Boolean).length + read.filter(Boolean).length;
});

chart("away", part(data.swap, data.swap.away,
    "No page that went out in this trace came in again."),
(host, {away}, width) => {
    const size = {left: 46, right: width - 4, top: 26, bottom: 170};
    const plot = picture(host, width, 214, "How long pages stayed in swap");
    const over = ticksOver(Math.max(...away.counts), 3);
    const x = linear(away.first, away.first + away.counts.length, size.left,
        size.right);
    const y = linear(0, over.at(-1), size.bottom, size.top);
    xAxis(plot, (ns) => x(2 * Math.log2(ns)), durationTicks(away.first,
        away.first + away.counts.length - 1), size, duration,
    "between out and in (logarithmic)");
    yAxis(plot, y, over, size.left, size.right, short, "pages");
    away.counts.forEach((value, i) => plot.append(svg("rect", {
        x: x(away.first + i) + 0.5,
        width: Math.max(x(1) - x(0) - 1, 1), y: y(value),
        height: size.bottom - y(value), fill: "var(--green)"})));
    onPoint(plot, width, 214, (event, px) => {
        const at = Math.floor(x.invert(px)) - away.first;
        if (!(at in away.counts))
            return hideTip();
        return showTip(event, `${duration(bucketStart(away.first + at))} to ` +
            duration(bucketStart(away.first + at + 1)),
        [["var(--green)", "pages", count(away.counts[at])]]);
    });
    return away.counts.filter(Boolean).length;
});
