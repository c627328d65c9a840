// tools/tracelib/report/web/main.js - all of it, and what a test looks at
// SPDX-License-Identifier: MIT
//
// #verdict has, as JSON, what went wrong and what each chart shows: {points:
// how many} or {missing: why}; and the numbers of the check.

function writeVerdict() {
    document.getElementById("verdict").textContent = JSON.stringify({
        errors,
        charts: Object.fromEntries(charts.map(({name, shown}) =>
            [name, shown])),
        counters: data.counters.rows || [],
        losses: data.losses,
        // A page wider than its window would scroll sideways.
        overflow: root.scrollWidth - root.clientWidth,
        width: window.innerWidth,
    });
}

try {
    showHeadline();
    showKills();
    drawAll();
} catch (error) {
    errors.push(String(error.stack || error));
    console.error(error);
}
writeVerdict();
themeListeners.push(drawAll);

new ResizeObserver(() => {
    if (paperWidth)
        return;
    const changed = charts.filter(({host, width}) =>
        Math.abs(host.clientWidth - width) > 1 && host.clientWidth > 0);
    if (!changed.length)
        return;
    drawAll();
    writeVerdict();
}).observe(document.querySelector("main"));
