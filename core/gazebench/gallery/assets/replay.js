// Replays a scanpath at its true times. Without this script the page shows all fixations, numbered.
"use strict";
(() => {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  for (const replay of document.querySelectorAll(".replay")) {
    const starts = JSON.parse(replay.dataset.stops);
    const durations = JSON.parse(replay.dataset.durations);
    const stops = [...replay.querySelectorAll(".stop")];
    const path = replay.querySelector(".path");
    const corners = path.getAttribute("points").trim().split(" ");
    const end = starts.at(-1) + durations.at(-1);
    let at = end, speed = 1, before = null;

    const make = (name, attributes, text = "") => {
      const element = document.createElement(name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      element.textContent = text;
      return element;
    };
    const controls = make("div", { class: "controls" });
    const play = make("button", { type: "button" }, "Play");
    const time = make("input", { type: "range", min: 0, max: end, step: 0.01, "aria-label": "Seconds" });
    const label = make("span", { "aria-hidden": "true" });
    const faster = make("button", { type: "button", "aria-label": "Speed, 1 times" }, "1×");
    controls.append(play, time, label, faster);
    replay.append(controls);

    const show = () => {
      stops.forEach((stop, index) => {
        const begun = starts[index] <= at;
        stop.classList.toggle("later", !begun);
        stop.classList.toggle("now", begun && at < Math.min(starts[index] + durations[index], end));
      });
      path.setAttribute("points", corners.slice(0, starts.filter((start) => start <= at).length).join(" "));
      time.value = at;
      label.textContent = `${at.toFixed(1)} / ${end.toFixed(1)} s`;
    };
    const stop = () => { before = null; play.textContent = "Play"; };
    const step = (now) => {
      if (before === null) return;
      at = Math.min(at + ((now - before) / 1000) * speed, end);
      before = now;
      show();
      if (at < end) requestAnimationFrame(step); else stop();
    };
    play.addEventListener("click", () => {
      if (before !== null) { stop(); return; }
      if (still.matches) {  // one fixation a press: nothing moves by itself
        const next = starts.findIndex((start) => start > at);
        at = at >= end || next < 0 ? 0 : starts[next];
        show();
        return;
      }
      if (at >= end) at = 0;
      play.textContent = "Pause";
      before = performance.now();
      requestAnimationFrame(step);
    });
    time.addEventListener("input", () => { stop(); at = Number(time.value); show(); });
    faster.addEventListener("click", () => {
      speed = speed === 8 ? 1 : speed * 2;
      faster.textContent = `${speed}×`;
      faster.setAttribute("aria-label", `Speed, ${speed} times`);
    });
    show();
  }
})();
