// tools/tracelib/report/web/reclaim.js - who caused reclaim, and who paid
// SPDX-License-Identifier: MIT

const WHO_COLORS = {kswapd: "var(--sky)", direct: "var(--vermilion)"};

function part(section, is, reason) {
    if (section.missing)
        return section;
    return is ? section : {missing: reason};
}

function showKills() {
    const {rows, others} = data.kills;
    const said = rows.map(({time, label, pages: many}) =>
        `${seconds(time)}: memory was out, and ${label} was killed; it had ` +
        `${pages(many)}.`);
    if (others)
        said.push(`${counted(others, "other")} later.`);
    if (said.length)
        document.getElementById("kills").append(html("div", {class: "loss",
            role: "note"}, ...said.map((text) => html("p", {}, text))));
}

chart("wakers", part(data.reclaim, data.reclaim.wakers?.length,
    "Nobody woke kswapd."), (host, {wakers}, width) =>
    bars(host, width, wakers.map(({label, count: times}) => ({
        label, parts: [[times, "var(--blue)", "woke it"]],
        text: times === 1 ? "once" : `${count(times)} times`,
    })), count, "Who woke kswapd"));

chart("payers", part(data.reclaim, data.reclaim.payers?.length,
    "Nobody reclaimed."), (host, {payers}, width) => {
    legend("payers", [[WHO_COLORS.kswapd, "beside the tasks (kswapd)"],
        [WHO_COLORS.direct, "in a task's way (direct)"]]);
    return bars(host, width, payers.map((row) => ({
        label: row.label, parts: [[row.ns, WHO_COLORS[row.who], row.who]],
        text: `${duration(row.ns)} · ${pages(row.reclaimed)}`,
        more: [[null, "reclaims", count(row.count)],
            [null, "pages looked at", count(row.scanned)],
            [null, "pages taken", count(row.reclaimed)]],
    })), duration, "Who spent time on reclaim");
});

chart("reclaimed", part(data.reclaim, data.reclaim.payers?.length,
    "Nobody reclaimed."), (host, {bins, strips}, width) => {
    const size = {width, height: 190, left: 58, right: width - 4, top: 26,
        bottom: 150};
    const plot = picture(host, width, size.height, "Pages reclaimed by time");
    const rate = NS_PER_S / bins.width;
    const sums = strips.kswapd.map((value, i) => value + strips.direct[i]);
    const over = ticksOver(Math.max(...sums) * rate || 1, 3);
    const x = timeScale(size.left, size.right);
    const y = linear(0, over.at(-1), size.bottom, size.top);
    timeAxis(plot, x, size);
    yAxis(plot, y, over, size.left, size.right, short, "pages/s");
    stackBins(plot, bins, Object.entries(strips).map(([who, counts]) =>
        ({color: WHO_COLORS[who], counts})), x, y, rate);
    timePointer(plot, x, size, (ns) => Object.entries(strips).map(
        ([who, counts]) => [WHO_COLORS[who], who,
            `${short(counts[binAt(bins, ns)] * rate)} pages/s`]));
    legend("reclaimed", Object.entries(strips).map(([who, counts]) =>
        [WHO_COLORS[who], who, pages(counts.reduce((a, b) => a + b, 0))]));
    return sums.filter(Boolean).length;
});

chart("skipped", part(data.reclaim, data.reclaim.skipped?.some((row) =>
    row.pages), "No page that was looked at stayed, or no SKIPPED record is " +
    "in this trace."), (host, {skipped}, width) =>
    bars(host, width, skipped.filter((row) => row.pages).map((row) => ({
        label: row.name, parts: [[row.pages, "var(--purple)", "pages"]],
        text: `${count(row.pages)} pages`,
    })), count, "Why pages stayed"));
