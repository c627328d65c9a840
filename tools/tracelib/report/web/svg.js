// tools/tracelib/report/web/svg.js - elements, scales and axes
// SPDX-License-Identifier: MIT

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes = {}, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes))
        element.setAttribute(key, value);
    element.append(...children);
    return element;
}

function html(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes))
        element.setAttribute(key, value);
    element.append(...children);
    return element;
}

// The picture of a chart: its units are pixels, and it shrinks on paper.
function picture(host, width, height, label) {
    const element = svg("svg", {
        viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label,
    });
    host.append(element);
    return element;
}

function linear(from, to, low, high) {
    const factor = (high - low) / (to - from || 1);
    const scale = (value) => low + (value - from) * factor;
    scale.invert = (place) => from + (place - low) / factor;
    return scale;
}

function logarithmic(from, to, low, high) {
    const inner = linear(Math.log2(from), Math.log2(to), low, high);
    return (value) => inner(Math.log2(Math.max(value, from)));
}

// Round numbers from @from to @to, about @many.
function ticks(from, to, many) {
    const raw = (to - from) / Math.max(many, 1) || 1;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((digit) => digit * power)
        .find((size) => size >= raw * 0.999);
    const found = [];
    for (let at = Math.ceil(from / step) * step; at <= to + step / 1e6;
        at += step)
        found.push(Number(at.toPrecision(12)));
    return found;
}

// @textOf(value), or null where there is to be a line only.
function xAxis(parent, scale, values, {left, right, top, bottom}, textOf,
    title = "") {
    for (const value of values) {
        const x = scale(value);
        parent.append(svg("line", {
            class: "grid", x1: x, x2: x, y1: top, y2: bottom,
        }));
        const text = textOf(value);
        if (text !== null)
            parent.append(svg("text", {
                x, y: bottom + 16, "text-anchor": "middle",
            }, text));
    }
    if (title)
        parent.append(svg("text", {
            x: (left + right) / 2, y: bottom + 33, "text-anchor": "middle",
        }, title));
}

// Its title is above the uppermost value.
function yAxis(parent, scale, values, left, right, textOf, title = "") {
    for (const value of values) {
        const y = scale(value);
        parent.append(svg("line", {
            class: "grid", x1: left, x2: right, y1: y, y2: y,
        }), svg("text", {
            x: left - 6, y: y + 4, "text-anchor": "end",
        }, textOf(value)));
    }
    if (title)
        parent.append(svg("text", {
            x: 0, y: Math.min(...values.map(scale)) - 10,
        }, title));
}

// Round numbers from 0 on, of which the last is not below @most.
function ticksOver(most, many) {
    const found = ticks(0, most, many);
    if (found.at(-1) < most)
        found.push(2 * found.at(-1) - found.at(-2));
    return found;
}

// points: [x, y].
function line(points) {
    return points.map(([x, y], i) =>
        `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

// A text that is too wide for its place loses its middle.
function fit(text, width, perLetter = 6.4) {
    const most = Math.max(Math.floor(width / perLetter), 3);
    if (text.length <= most)
        return text;
    const end = Math.floor((most - 1) / 3);
    return `${text.slice(0, most - 1 - end)}…` +
        text.slice(text.length - end);
}
