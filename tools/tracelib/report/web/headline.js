// tools/tracelib/report/web/headline.js - what happened, in words
// SPDX-License-Identifier: MIT

function showHeadline() {
    const {verdict, sentences, tiles} = data.headline;
    document.getElementById("source").textContent =
        `${data.name} · a machine with ${pages(data.memory)} of memory`;
    const word = document.getElementById("verdict-word");
    word.textContent = verdict.word;
    word.classList.add(verdict.word);
    document.getElementById("verdict-title").textContent = verdict.title;
    document.getElementById("verdict-why").textContent = verdict.why;
    document.getElementById("sentences").replaceChildren(
        ...sentences.map((text) => html("p", {}, text)));
    document.getElementById("tiles").replaceChildren(
        ...tiles.map((tile) => html("div", {class: "tile"},
            html("div", {class: "label"}, tile.label),
            html("div", {class: "value"}, tile.value),
            html("div", {class: "hint"}, tile.hint))));
    if (data.losses.length)
        document.getElementById("losses").append(html("div", {class: "loss",
            role: "note"}, ...data.losses.map((text) => html("p", {}, text))));
}
