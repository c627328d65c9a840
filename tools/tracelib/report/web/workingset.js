// tools/tracelib/report/web/workingset.js - working set, and miss-ratio curve
// SPDX-License-Identifier: MIT

chart("working", data.working, (host, {points, memory}, width) => {
    const size = {width, height: 220, left: 58, right: width - 4, top: 26,
        bottom: 180};
    const plot = picture(host, width, size.height, "Working set by time");
    const most = Math.max(...points.map((point) => point[1]), 1);
    const over = ticksOverMiB(most, 4);
    const x = timeScale(size.left, size.right);
    const y = linear(0, over.at(-1), size.bottom, size.top);
    timeAxis(plot, x, size);
    yAxis(plot, y, over, size.left, size.right, (value) => value ?
        pages(value) : "0");
    const outline = line(points.map(([ns, value]) => [x(ns), y(value)]));
    plot.append(svg("path", {d: `${outline}L${x(points.at(-1)[0])} ` +
        `${size.bottom}L${x(points[0][0])} ${size.bottom}Z`,
    fill: "var(--green)", opacity: 0.2}),
    svg("path", {d: outline, fill: "none", stroke: "var(--green)",
        "stroke-width": 2}));
    if (memory && memory <= most)
        plot.append(svg("line", {class: "mark", x1: size.left, x2: size.right,
            y1: y(memory), y2: y(memory), stroke: "var(--vermilion)"}));
    timePointer(plot, x, size, (ns) => [["var(--green)", "working set",
        pages(valueAt(points, ns) ?? 0)]]);
    return points.length;
});

chart("missratio", data.missratio, (host, {points, measured}, width) => {
    const place = {left: 58, right: width - 14, top: 26, bottom: 190};
    const plot = picture(host, width, 234, "Major faults by memory");
    const most = Math.max(...points.map((point) => point[1]), measured, 1);
    const over = ticksOver(most, 4);
    const x = linear(0, Math.max(...points.map((point) => point[0]), 2),
        place.left, place.right);
    const y = linear(0, over.at(-1), place.bottom, place.top);
    xAxis(plot, x, ticks(0, x.invert(place.right), 4), place,
        (value) => `${value}×`, "memory, as a multiple of what there was");
    yAxis(plot, y, over, place.left, place.right, short,
        "major faults");
    plot.append(svg("path", {d: line(points.map(([factor, value]) =>
        [x(factor), y(value)])), fill: "none", stroke: "var(--blue)",
    "stroke-width": 2}));
    for (const [factor, value] of points)
        plot.append(svg("circle", {cx: x(factor), cy: y(value), r: 3,
            fill: "var(--blue)"}));
    plot.append(svg("circle", {cx: x(1), cy: y(measured), r: 6, fill: "none",
        stroke: "var(--vermilion)", "stroke-width": 2}),
    svg("text", {x: x(1) + 10, y: y(measured) - 8}, "measured"));
    onPoint(plot, width, 234, (event, px) => {
        const [factor, value, size] = points.reduce((best, point) =>
            Math.abs(x(point[0]) - px) < Math.abs(x(best[0]) - px) ? point
                : best);
        showTip(event, `${factor} times the memory, ${pages(size)}`,
            [["var(--blue)", "major faults", count(value)]]);
    });
    return points.length;
});
