// tools/tracelib/report/web/heat.js - address space and time
// SPDX-License-Identifier: MIT
//
// Also grid(), for any field of cells with two counts in each: the color says
// which of the two, its strength how many, by logarithm.

function rgb(text) {
    return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
}

function mix(one, two, share) {
    return one.map((value, i) => value + (two[i] - value) * share);
}

// cells: flat [place, first, second, ...], place being row * columns + column.
function grid(context, {columns, rows, cells}, box, amounts) {
    const [a1, a2, b1, b2] = ["a1", "a2", "b1", "b2"].map((name) =>
        rgb(color(`heat-${name}`)));
    let most = 1;
    for (let i = 0; i < cells.length; i += 3)
        most = Math.max(most, amounts(cells[i + 1], cells[i + 2])[0]);
    const strength = 1 / Math.log2(1 + most);
    const wide = box.width / columns;
    const high = box.height / rows;
    for (let i = 0; i < cells.length; i += 3) {
        const [amount, share] = amounts(cells[i + 1], cells[i + 2]);
        if (!amount)
            continue;
        const power = Math.log2(1 + amount) * strength;
        const shade = mix(mix(a1, a2, power), mix(b1, b2, power), share);
        context.fillStyle = `rgb(${shade.map(Math.round).join(" ")})`;
        context.fillRect(box.left + cells[i] % columns * wide,
            box.top + Math.floor(cells[i] / columns) * high,
            wide + 0.4, high + 0.4);
    }
    return most;
}

function ramp(letter) {
    return `linear-gradient(90deg,var(--heat-${letter}1),` +
        `var(--heat-${letter}2))`;
}

function canvasOf(host, width, height, label) {
    const canvas = html("canvas", {role: "img", "aria-label": label});
    const sharp = Math.max(window.devicePixelRatio || 1, 2);
    canvas.width = width * sharp;
    canvas.height = height * sharp;
    host.append(canvas);
    const context = canvas.getContext("2d");
    context.scale(sharp, sharp);
    return [canvas, context];
}

function cellsByPlace(cells) {
    const found = new Map();
    for (let i = 0; i < cells.length; i += 3)
        found.set(cells[i], [cells[i + 1], cells[i + 2]]);
    return found;
}

function canvasTimeAxis(context, bins, box) {
    context.fillStyle = color("soft");
    context.font = `11.5px ${color("sans")}`;
    context.textAlign = "center";
    const x = linear(bins.start, bins.start + bins.columns * bins.width,
        box.left, box.left + box.width);
    for (const value of ticks(bins.start / NS_PER_S, (bins.start +
        bins.columns * bins.width) / NS_PER_S, Math.max(box.width / 90, 3))) {
        const at = x(value * NS_PER_S);
        context.fillRect(at - 0.5, box.top + box.height, 1, 4);
        context.fillText(String(value), at, box.top + box.height + 17);
    }
    context.fillText("seconds", box.left + box.width / 2,
        box.top + box.height + 33);
}

const heatChoice = {process: 0, majorsOnly: false};

function drawBands(context, process, box, rowHeight) {
    context.font = `11.5px ${color("sans")}`;
    context.textAlign = "right";
    context.textBaseline = "middle";
    let lowest = -1;
    for (const band of process.bands) {
        const top = box.top + band.row * rowHeight;
        context.fillStyle = color("line");
        context.fillRect(0, top - 0.5, box.left + box.width, 1);
        const middle = Math.max(top + band.rows * rowHeight / 2, lowest + 12);
        context.fillStyle = color("ink");
        context.fillText(fit(band.name, box.left - 8), box.left - 8, middle);
        lowest = middle;
        if (band.rows * rowHeight > 40) {
            context.fillStyle = color("soft");
            context.fillText(fit(pages((band.end - band.start) / PAGE_BYTES),
                box.left - 8), box.left - 8, middle + 14);
            lowest += 14;
        }
    }
    context.textBaseline = "alphabetic";
}

// The address that a row begins with. heat.py has page n of a band of so many
// pages in its part n * rows / pages from below, rounded down.
function rowStart(band, row) {
    const part = band.rows - 1 - (row - band.row);
    const many = (band.end - band.start) / PAGE_BYTES;
    // Of fewer pages than rows, some rows have none.
    const first = Math.min(Math.ceil(part * many / band.rows), many - 1);
    return band.start + first * PAGE_BYTES;
}

function heatControls(processes, redraw) {
    const button = (text, isOn, press) => {
        const made = html("button", {type: "button", "aria-pressed": isOn},
            text);
        made.addEventListener("click", () => {
            press();
            redraw();
        });
        return made;
    };
    document.getElementById("heat-controls").replaceChildren(
        ...processes.map((process, i) => button(process.label,
            i === heatChoice.process, () => {
                heatChoice.process = i;
            })), html("span", {class: "gap"}),
        button("all faults", !heatChoice.majorsOnly, () => {
            heatChoice.majorsOnly = false;
        }),
        button("major only", heatChoice.majorsOnly, () => {
            heatChoice.majorsOnly = true;
        }));
}

chart("heat", data.heat, function draw(host, {processes}, width) {
    const process = processes[heatChoice.process];
    const {bins, rows} = process;
    const left = width < NARROW ? 88 : 168;
    const rowHeight = width < NARROW ? 4.5 : 5.5;
    const box = {left, top: 4, width: width - left - 4,
        height: rows * rowHeight};
    const height = box.top + box.height + 40;
    host.replaceChildren();
    const [canvas, context] = canvasOf(host, width, height,
        `Faults of ${process.label} by address and time`);
    context.fillStyle = color("heat-none");
    context.fillRect(box.left, box.top, box.width, box.height);
    const amounts = heatChoice.majorsOnly ? (faults, majors) => [majors, 1]
        : (faults, majors) => [faults, majors / faults];
    const most = grid(context, {columns: bins.columns, rows,
        cells: process.cells}, box, amounts);
    drawBands(context, process, box, rowHeight);
    canvasTimeAxis(context, bins, box);
    const cells = cellsByPlace(process.cells);
    onPoint(canvas, width, height, (event, x, y) => {
        const column = Math.floor((x - box.left) / box.width * bins.columns);
        const row = Math.floor((y - box.top) / rowHeight);
        const band = process.bands.find((entry) => row >= entry.row &&
            row < entry.row + entry.rows);
        if (!band || column < 0 || column >= bins.columns)
            return hideTip();
        const [faults, majors] = cells.get(row * bins.columns + column) ||
            [0, 0];
        return showTip(event, band.name, [
            [null, "from", hex(rowStart(band, row))],
            [null, "time", seconds(bins.start + column * bins.width)],
            [ramp("a"), "faults", count(faults)],
            [ramp("b"), "of them major", count(majors)]]);
    });
    heatControls(processes, () => draw(host, {processes}, width));
    legend("heat", [[ramp("a"), `minor: 1 to ${short(most)} faults in a cell`,
        undefined, "ramp"], [ramp("b"), "major", undefined, "ramp"]]);
    return process.cells.length / 3;
});
