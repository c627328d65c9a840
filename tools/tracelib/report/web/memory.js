// tools/tracelib/report/web/memory.js - free memory, and what the rest is for
// SPDX-License-Identifier: MIT

const MARK_COLORS = {min: "vermilion", low: "orange", high: "green"};

function powersOfTwo(from, to) {
    const found = [];
    for (let power = 2 ** Math.ceil(Math.log2(from)); power <= to; power *= 4)
        found.push(power);
    return found;
}

// Of pages, round numbers of MiB.
function ticksOverMiB(most, many) {
    return ticksOver(most * PAGE_BYTES / 2 ** 20, many)
        .map((mib) => mib * 2 ** 20 / PAGE_BYTES);
}

chart("zones", data.zones, (host, numbers, width) => {
    let points = 0;
    numbers.zones.forEach((zone, i) => {
        const isLast = i === numbers.zones.length - 1;
        const size = {width, height: isLast ? 196 : 170, left: 58,
            right: width - 4, top: 26, bottom: 146};
        const plot = picture(host, width, size.height,
            `Free memory in zone ${zone.name}`);
        const most = Math.max(...zone.points.map((point) => point[1]),
            zone.high, 2);
        const least = Math.max(Math.min(zone.min || 1,
            ...zone.points.map((point) => point[1])) / 2, 1);
        const x = timeScale(size.left, size.right);
        const y = logarithmic(least, most * 1.1, size.bottom, size.top);
        plot.append(svg("text", {class: "strong", x: size.left, y: 16},
            `${zone.name}: free memory (logarithmic)`));
        timeAxis(plot, x, size, isLast);
        yAxis(plot, y, powersOfTwo(least, most), size.left, size.right, pages);
        const outline = line(zone.points.map(([ns, free]) => [x(ns), y(free)]));
        const [first, last] = [zone.points[0], zone.points.at(-1)];
        plot.append(svg("path", {
            d: `${outline}L${x(last[0])} ${size.bottom}L${x(first[0])} ` +
                `${size.bottom}Z`,
            fill: "var(--sky)", opacity: 0.25,
        }), svg("path", {
            d: outline, fill: "none", stroke: "var(--blue)",
            "stroke-width": 1.75, "stroke-linejoin": "round",
        }));
        for (const [name, shade] of Object.entries(MARK_COLORS))
            if (zone[name])
                plot.append(svg("line", {class: "mark", x1: size.left,
                    x2: size.right, y1: y(zone[name]), y2: y(zone[name]),
                    stroke: `var(--${shade})`}));
        timePointer(plot, x, size, (ns) => [
            ["var(--blue)", `free in ${zone.name}`,
                pages(valueAt(zone.points, ns) ?? zone.points[0][1])],
            ...Object.entries(MARK_COLORS).map(([name, shade]) =>
                [`var(--${shade})`, name, pages(zone[name])])]);
        points += zone.points.length;
    });
    legend("zones", [["var(--blue)", "free", undefined, "line"],
        ...Object.entries(MARK_COLORS).map(([name, shade]) =>
            [`var(--${shade})`, name, undefined, "line"])]);
    return points;
});

const LIST_COLORS = ["blue", "sky", "green", "yellow", "vermilion"];

function listsOf(zones) {
    if (zones.missing || zones.lists.length)
        return zones;
    return {missing: "There is no LRU record in this trace."};
}

// One list on the other: of each, [ns, below, above] at the first's times.
function stacked(lists) {
    let sums = lists[0].points.map(() => 0);
    return lists.map(({points}) => {
        const below = sums;
        sums = below.map((sum, i) =>
            sum + (valueAt(points, lists[0].points[i][0]) ?? 0));
        return sums.map((sum, i) => [lists[0].points[i][0], below[i], sum]);
    });
}

chart("lists", listsOf(data.zones), (host, {lists}, width) => {
    const size = {width, height: 240, left: 58, right: width - 4, top: 26,
        bottom: 200};
    const plot = picture(host, width, size.height,
        "Pages on the lists of reclaim, and in swap");
    const areas = stacked(lists.slice(0, 4));
    const swap = lists[4];
    const most = Math.max(...areas.at(-1).map((point) => point[2]),
        ...swap.points.map((point) => point[1]), 1);
    const over = ticksOverMiB(most, 4);
    const x = timeScale(size.left, size.right);
    const y = linear(0, over.at(-1), size.bottom, size.top);
    timeAxis(plot, x, size);
    yAxis(plot, y, over, size.left, size.right, (value) => value ?
        pages(value) : "0");
    areas.forEach((points, i) => {
        const up = points.map(([ns, , above]) => [x(ns), y(above)]);
        const down = points.map(([ns, below]) => [x(ns), y(below)]);
        plot.append(svg("path", {
            d: `${line([...up, ...down.reverse()])}Z`,
            fill: `var(--${LIST_COLORS[i]})`,
        }));
    });
    plot.append(svg("path", {
        d: line(swap.points.map(([ns, value]) => [x(ns), y(value)])),
        fill: "none", stroke: "var(--vermilion)", "stroke-width": 2,
    }));
    timePointer(plot, x, size, (ns) => lists.map(({name, points}, i) =>
        [`var(--${LIST_COLORS[i]})`, name, pages(valueAt(points, ns) ?? 0)]));
    legend("lists", lists.map(({name}, i) => [`var(--${LIST_COLORS[i]})`,
        name, undefined, i === 4 ? "line" : undefined]));
    return lists.reduce((sum, {points}) => sum + points.length, 0);
});
