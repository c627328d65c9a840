// tools/tracelib/report/web/chart.js - charts, and what they have in common
// SPDX-License-Identifier: MIT
//
// chart(name, numbers, draw): fills the element with data-chart=name, now and
// whenever its width or the theme changes. draw(host, numbers, width) returns
// how many data it has shown. Numbers with `missing` are a reason, which is
// shown in place of a chart.

const charts = [];
const tip = document.getElementById("tip");
const NARROW = 560; // px: a phone

function chart(name, numbers, draw) {
    const host = document.querySelector(`[data-chart="${name}"]`);
    charts.push({name, numbers, draw, host, width: 0, shown: null});
}

function drawChart(entry) {
    const width = paperWidth || Math.floor(entry.host.clientWidth) || 640;
    entry.width = width;
    entry.host.replaceChildren();
    if (entry.numbers.missing) {
        entry.host.append(html("p", {class: "missing"},
            entry.numbers.missing));
        entry.shown = {missing: entry.numbers.missing};
        return;
    }
    entry.shown = {points: entry.draw(entry.host, entry.numbers, width)};
}

function drawAll() {
    timeCursors.length = 0;
    charts.forEach(drawChart);
}

// ---- what is under the pointer ---------------------------------------------

// rows: [color or null, text, figure]
function showTip(event, title, rows) {
    tip.replaceChildren(html("b", {}, title),
        ...rows.map(([swatch, text, figure]) => html("span", {class: "row"},
            ...(swatch ? [html("span", {
                class: "swatch", style: `background:${swatch}`})] : []),
            text, html("span", {class: "figure"}, figure ?? ""))));
    tip.hidden = false;
    const {width, height} = tip.getBoundingClientRect();
    const x = event.clientX + 16 + width > window.innerWidth
        ? event.clientX - width - 12 : event.clientX + 16;
    tip.style.left = `${Math.max(x, 6)}px`;
    tip.style.top = `${Math.max(Math.min(event.clientY + 14,
        window.innerHeight - height - 6), 6)}px`;
}

function hideTip() {
    tip.hidden = true;
    timeCursors.forEach((cursor) => cursor(null));
}

// pointing(event, x, y): in the units of the picture.
function onPoint(element, width, height, pointing) {
    const move = (event) => {
        const box = element.getBoundingClientRect();
        pointing(event, (event.clientX - box.left) * width / box.width,
            (event.clientY - box.top) * height / box.height);
    };
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerdown", move);
    element.addEventListener("pointerleave", hideTip);
}

window.addEventListener("scroll", hideTip, {passive: true});

// ---- charts whose x is time ------------------------------------------------

const timeCursors = []; // all show the moment that is pointed at in one

function timeScale(left, right) {
    return linear(data.start, data.end, left, right);
}

function timeTicks(width) {
    return ticks(data.start / NS_PER_S, data.end / NS_PER_S,
        Math.max(width / 90, 3)).map((value) => value * NS_PER_S);
}

// A strip of time from top to bottom; rowsAt(ns): of the tip.
function timeAxis(parent, scale, size, withTitle = true) {
    xAxis(parent, scale, timeTicks(size.right - size.left), size,
        (ns) => String(Number((ns / NS_PER_S).toFixed(3))),
        withTitle ? "seconds" : "");
}

function timePointer(parent, scale, size, rowsAt) {
    const cursor = svg("line", {
        class: "cursor", y1: size.top, y2: size.bottom, visibility: "hidden",
    });
    parent.append(cursor);
    timeCursors.push((ns) => {
        cursor.setAttribute("visibility", ns === null ? "hidden" : "visible");
        if (ns !== null) {
            cursor.setAttribute("x1", scale(ns));
            cursor.setAttribute("x2", scale(ns));
        }
    });
    onPoint(parent, size.width, size.height, (event, x) => {
        if (x < size.left || x > size.right)
            return hideTip();
        const ns = scale.invert(x);
        timeCursors.forEach((other) => other(ns));
        return showTip(event, seconds(ns), rowsAt(ns));
    });
}

function binAt(bins, ns) {
    return Math.min(Math.max(Math.floor((ns - bins.start) / bins.width), 0),
        bins.columns - 1);
}

function valueAt(points, ns) {
    let low = 0;
    let high = points.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (points[middle][0] <= ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? points[low - 1][1] : null;
}

// Series of counts by bins, one on the other: [{color, counts}]. As stairs.
function stackBins(parent, bins, series, x, y, rate) {
    const below = new Array(bins.columns).fill(0);
    for (const {color: fill, counts} of series) {
        const up = [];
        const down = [];
        counts.forEach((value, i) => {
            const left = x(bins.start + i * bins.width);
            const right = x(bins.start + (i + 1) * bins.width);
            up.push([left, y((below[i] + value) * rate)],
                [right, y((below[i] + value) * rate)]);
            down.unshift([right, y(below[i] * rate)],
                [left, y(below[i] * rate)]);
            below[i] += value;
        });
        parent.append(svg("path", {
            d: `${line([...up, ...down])}Z`, fill,
        }));
    }
}

// ---- bars ------------------------------------------------------------------

// rows: [{label, parts: [[value, color, what]], text}]: bars to the right,
// each under its label.
function bars(host, width, rows, textOf, label) {
    const rowHeight = 40;
    const height = rows.length * rowHeight;
    const plot = picture(host, width, height, label);
    const most = Math.max(...rows.map((row) =>
        row.parts.reduce((sum, [value]) => sum + value, 0)), 1e-9);
    rows.forEach((row, i) => {
        const top = i * rowHeight;
        const group = svg("g");
        group.append(
            svg("text", {class: "strong", x: 0, y: top + 13},
                fit(row.label, width - 6.6 * row.text.length - 20, 7)),
            svg("text", {x: width, y: top + 13, "text-anchor": "end"},
                row.text),
            svg("rect", {x: 0, y: top + 19, width, height: 11, rx: 3,
                fill: "var(--grid)"}));
        let x = 0;
        for (const [value, fill] of row.parts) {
            const wide = value / most * width;
            if (wide > 0)
                group.append(svg("rect", {x, y: top + 19,
                    width: Math.max(wide, 1), height: 11, rx: 2, fill}));
            x += wide;
        }
        const rowsOfTip = row.parts.map(([value, fill, what]) =>
            [fill, what, textOf(value)]);
        group.addEventListener("pointermove", (event) =>
            showTip(event, row.label, [...rowsOfTip, ...(row.more || [])]));
        group.addEventListener("pointerleave", hideTip);
        plot.append(group);
    });
    return rows.length;
}

// A histogram by half octaves: {first, counts}; upright bars.
function bucketStart(bucket) {
    return 2 ** Math.floor(bucket / 2) * (bucket % 2 ? 1.5 : 1);
}

function durationTicks(first, last) {
    const found = [];
    for (let power = 1; power < 1e12; power *= 10)
        if (power >= bucketStart(first) && power <= bucketStart(last + 1))
            found.push(power);
    // All within one power of ten.
    return found.length ? found : [bucketStart(first), bucketStart(last + 1)];
}
