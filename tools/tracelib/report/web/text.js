// tools/tracelib/report/web/text.js - numbers, units, and what a color means
// SPDX-License-Identifier: MIT

const data = JSON.parse(document.getElementById("data").textContent);
const PAGE_BYTES = 4096;
const NS_PER_S = 1e9;

// enum fault_cause: the same color in each report. Others are grey.
const CAUSE_COLORS = {
    2: "yellow", 4: "green", 5: "sky", 6: "blue", 7: "purple",
    9: "vermilion", 10: "orange",
};

function causeColor(cause) {
    return `var(--${CAUSE_COLORS[cause] || "grey"})`;
}

function count(value) {
    return Math.round(value).toLocaleString("en").replaceAll(",", "\u202f");
}

// Three digits are enough for anything.
function short(value) {
    for (const [size, letter] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]])
        if (value >= size)
            return `${Number((value / size).toPrecision(3))}\u202f${letter}`;
    return String(Number(value.toPrecision(3)));
}

function duration(ns) {
    for (const [size, unit] of [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]])
        if (ns >= size)
            return `${Number((ns / size).toPrecision(3))}\u202f${unit}`;
    return `${Math.round(ns)}\u202fns`;
}

function bytes(value) {
    for (const [power, unit] of [[30, "GiB"], [20, "MiB"], [10, "KiB"]])
        if (value >= 2 ** power)
            return `${Number((value / 2 ** power).toPrecision(3))}\u202f` +
                unit;
    return `${value}\u202fB`;
}

function pages(value) {
    return bytes(value * PAGE_BYTES);
}

function percent(part, whole) {
    const value = whole ? 100 * part / whole : 0;
    if (value > 0 && value < 0.1)
        return "under 0.1\u202f%";
    return `${value >= 10 || !part ? Math.round(value)
        : Number(value.toPrecision(2))}\u202f%`;
}

function counted(value, one) {
    return `${count(value)} ${one}${value === 1 ? "" : "s"}`;
}

function seconds(ns) {
    return `${(ns / NS_PER_S).toFixed(ns < 100 * NS_PER_S ? 2 : 1)}\u202fs`;
}

function hex(value) {
    return `0x${value.toString(16)}`;
}
