// tools/tracelib/report/web/timeline.js - faults by cause, by time
// SPDX-License-Identifier: MIT

const CAUSES_SHOWN = 7; // the rest is one

function sumOf(lists) {
    return lists[0].map((_, i) => lists.reduce((sum, list) => sum + list[i],
        0));
}

function shownCauses(causes) {
    const shown = causes.slice(0, CAUSES_SHOWN);
    const rest = causes.slice(CAUSES_SHOWN);
    if (rest.length < 2)
        return causes;
    return [...shown, {cause: -1, name: `${rest.length} other causes`,
        total: rest.reduce((sum, cause) => sum + cause.total, 0),
        counts: sumOf(rest.map(({counts}) => counts)),
        times: sumOf(rest.map(({times}) => times))}];
}

// What is shown: how many a second, or how many tasks were in one at a time.
const FAULT_VIEWS = [
    {name: "how many", values: "counts", majors: "majors", unit: "faults/s",
        rate: (bins) => NS_PER_S / bins.width, axis: short,
        text: (value) => `${short(value)}/s`},
    {name: "how long", values: "times", majors: "waited",
        unit: "share of the time", rate: (bins) => 100 / bins.width,
        axis: (value) => `${short(value)}\u202f%`,
        text: (value) => `${short(value)}\u202f%`},
];
let faultView = FAULT_VIEWS[0];

function choices(place, names, chosen, choose) {
    document.getElementById(place).replaceChildren(...names.map((name, i) => {
        const made = html("button", {type: "button",
            "aria-pressed": i === chosen}, name);
        made.addEventListener("click", () => choose(i));
        return made;
    }));
}

function drawHot(plot, x, size) {
    const {hot} = data.headline;
    for (const column of hot.columns)
        plot.append(svg("rect", {
            x: x(hot.bins.start + column * hot.bins.width),
            width: x(hot.bins.width) - x(0) + 0.3,
            y: size.top - 9, height: 5, fill: "var(--bad)",
        }));
    return hot.columns.length;
}

function drawMajors(plot, bins, majors, x, y, rate) {
    const d = line(majors.map((value, i) => [
        x(bins.start + (i + 0.5) * bins.width), y(value * rate)]));
    for (const [stroke, width] of [["var(--card)", 3.5], ["var(--black)", 1.5]])
        plot.append(svg("path", {d, fill: "none", stroke,
            "stroke-width": width, "stroke-linejoin": "round"}));
}

chart("faults", data.faults, function draw(host, numbers, width) {
    const view = faultView;
    const {bins} = numbers;
    const majors = numbers[view.majors];
    const causes = shownCauses(numbers.causes);
    const size = {width, height: 310, left: 58, right: width - 4, top: 44,
        bottom: 272};
    const plot = picture(host, width, size.height,
        "Page faults by cause and time");
    const rate = view.rate(bins);
    const sums = sumOf(causes.map((cause) => cause[view.values]));
    const over = ticksOver(Math.max(...sums) * rate || 1, 4);
    const x = timeScale(size.left, size.right);
    const y = linear(0, over.at(-1), size.bottom, size.top);
    timeAxis(plot, x, size);
    yAxis(plot, y, over, size.left, size.right, view.axis);
    plot.append(svg("text", {class: "strong", x: size.left, y: 24},
        view.unit));
    stackBins(plot, bins, causes.map((cause) =>
        ({color: causeColor(cause.cause), counts: cause[view.values]})),
    x, y, rate);
    drawMajors(plot, bins, majors, x, y, rate);
    const isHot = drawHot(plot, x, size);
    timePointer(plot, x, size, (ns) => {
        const at = binAt(bins, ns);
        return [...causes.filter((cause) => cause[view.values][at])
            .map((cause) => [causeColor(cause.cause), cause.name,
                view.text(cause[view.values][at] * rate)]),
        ["var(--card)", "major", view.text(majors[at] * rate)]];
    });
    choices("faults-controls", FAULT_VIEWS.map(({name}) => name),
        FAULT_VIEWS.indexOf(view), (i) => {
            faultView = FAULT_VIEWS[i];
            drawAll();
        });
    legend("faults", [...causes.map(({cause, name, total}) =>
        [causeColor(cause), name, count(total)]),
    ["var(--black)", "major", count(numbers.majors.reduce((a, b) => a + b,
        0)), "line"],
    ...(isHot ? [["var(--bad)", "thrashing", undefined, "line"]] : [])]);
    return sums.filter(Boolean).length;
});
