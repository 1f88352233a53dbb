// Plays a page's loops: only those in view, with a rest on the answer, and never against the reader's wish.
// Without it there are posters and the browser's own controls. It may be included more than once.
(() => {
  "use strict";
  if (customElements.get("traced-loop")) return;

  const REST = 2000; // on the answer, in milliseconds
  const IN_VIEW = 0.4; // of the picture
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 599px)");
  const THEME = /\(prefers-color-scheme: (light|dark)\)/;
  const loops = new Set();
  let allPaused = null; // null: the reader has not said

  const still = () => allPaused ?? calm.matches;
  const show = (button, plays) => {
    button.dataset.state = plays ? "playing" : "paused";
    button.querySelector("span").textContent = plays ? button.dataset.pause : button.dataset.play;
  };
  const refresh = () => {
    loops.forEach((loop) => loop.update());
    document.querySelectorAll("[data-pause-all]").forEach((button) => show(button, !still()));
  };
  const sight = new IntersectionObserver(
    (entries) =>
      entries.forEach(({ target, intersectionRatio }) => {
        const loop = target.closest("traced-loop");
        if (!loop) return;
        loop.inView = intersectionRatio >= IN_VIEW;
        loop.update();
      }),
    { threshold: [0, IN_VIEW] },
  );

  class TracedLoop extends HTMLElement {
    connectedCallback() {
      if (document.readyState !== "loading") this.start();
      else document.addEventListener("DOMContentLoaded", () => this.start(), { once: true });
    }

    start() {
      const video = (this.video = this.querySelector("video"));
      if (!this.isConnected || loops.has(this)) return;
      this.media ??= new Map([...this.querySelectorAll("source")].map((source) => [source, source.media]));
      if (!video) return this.follow();
      loops.add(this);
      this.source ??= this.fitting(); // the browser has found it by itself
      this.listening = new AbortController();
      const on = (target, type, does, more) =>
        target.addEventListener(type, does, { signal: this.listening.signal, ...more });
      this.wish = null; // what the reader said of this loop: "play", "pause" or nothing
      this.runs = false; // whether we have it running, the rest included
      this.button = this.querySelector("[data-toggle]");
      video.controls = false;
      on(this.button, "click", () => this.toggle());
      on(this.querySelector("[data-full]"), "click", () => this.fill());
      on(video, "click", () => video.controls || (narrow.matches ? this.fill() : this.toggle()));
      on(video, "loadedmetadata", () => this.update());
      on(video, "ended", () => {
        if (this.runs) this.timer = setTimeout(() => this.play(), REST);
      });
      // the browser's controls in full screen, and its media keys, are the reader's wish too
      on(video, "pause", () => this.runs && video.paused && !video.ended && this.obey("pause"));
      on(video, "play", () => this.runs || video.paused || this.obey("play"));
      on(video, "error", ({ target }) => this.fail(target), { capture: true });
      on(document, "fullscreenchange", () => (video.controls = document.fullscreenElement === video));
      this.follow();
      sight.observe(video);
    }

    disconnectedCallback() {
      loops.delete(this);
      if (!this.listening) return;
      this.listening.abort();
      sight.unobserve(this.video);
      this.inView = false;
      this.halt();
    }

    wants() {
      return this.wish ? this.wish === "play" : !still() && !this.refused;
    }

    obey(wish) {
      this.wish = wish;
      this.update();
    }

    toggle() {
      this.obey(this.wants() ? "pause" : "play");
    }

    update() {
      if (!this.listening) return;
      const wants = this.wants() && !this.broken;
      show(this.button, wants);
      if (wants && this.inView && !document.hidden) this.run();
      else this.halt();
      if (calm.matches && !wants && !this.wish && this.video.currentTime) this.video.currentTime = 0; // the answer
    }

    run() {
      this.runs = true;
      if (this.timer) return;
      if ("stale" in this.video.dataset) {
        delete this.video.dataset.stale;
        this.video.load();
      }
      if (this.video.readyState) this.play();
      else this.video.preload = "auto"; // goes on when its metadata is there
    }

    play() {
      this.timer = 0;
      this.video.play().catch((error) => {
        if (error.name !== "NotAllowedError") return;
        this.refused = true;
        this.wish = null;
        this.update();
      });
    }

    halt() {
      clearTimeout(this.timer);
      this.timer = 0;
      this.runs = false;
      this.video.pause();
    }

    // the last source is missing or broken: the still stays
    fail(target) {
      if (target !== (this.video.querySelector("source:last-of-type") || this.video)) return;
      this.broken = this.button.disabled = true;
      this.update();
    }

    fill() {
      const { video } = this;
      this.obey("play");
      Promise.resolve(video.requestFullscreen ? video.requestFullscreen() : video.webkitEnterFullscreen())
        .then(() => screen.orientation.lock(video.videoWidth < video.videoHeight ? "portrait" : "landscape"))
        .catch(() => {}); // refused, or a screen that does not turn
    }

    // the theme of the page around it, where `color-scheme` says one, as it does where there is a toggle
    follow() {
      const { colorScheme } = getComputedStyle(this);
      const says = /^(light|dark)$/.test(colorScheme);
      this.media.forEach((media, source) => {
        const asked = media.replace(THEME, (any, theme) =>
          says ? (theme === colorScheme ? "(min-width: 0)" : "(max-width: 0)") : any,
        );
        if (source.media !== asked) source.media = asked;
      });
      const figure = this.querySelector("[data-other-theme]");
      if (figure) figure.dataset.around = says ? colorScheme : "";
      if (this.video) this.dress();
    }

    fitting() {
      return [...this.video.querySelectorAll("source")].find(({ media }) => matchMedia(media || "all").matches);
    }

    // the cut for this window and theme: the browser looks at the sources' media only when it loads
    dress() {
      const { video } = this;
      const source = this.fitting();
      const track = video.querySelector("track");
      const told = source.dataset.track;
      if (track && told && track.getAttribute("src") !== told) track.src = told;
      if (source === this.source) return;
      this.source = source;
      this.broken = this.button.disabled = false;
      this.halt();
      video.dataset.stale = ""; // the poster is seen: to load now would fetch what may never be looked at
      this.update();
    }
  }

  const each = (media, does) => media.addEventListener("change", does);
  each(narrow, () => loops.forEach((loop) => loop.dress()));
  each(dark, () => loops.forEach((loop) => loop.dress()));
  each(calm, () => {
    allPaused = null;
    loops.forEach((loop) => loop.wish === "play" && (loop.wish = null));
    refresh();
  });
  const around = new MutationObserver(() =>
    document.querySelectorAll("traced-loop:defined").forEach((loop) => loop.media && loop.follow()),
  );
  [document.documentElement, document.body].forEach((each) => around.observe(each, { attributes: true }));
  document.addEventListener("visibilitychange", refresh);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-pause-all]")) return;
    allPaused = !still();
    loops.forEach((loop) => (loop.wish = loop.refused = null));
    refresh();
  });
  customElements.define("traced-loop", TracedLoop);
  document.documentElement.classList.add("traced-plays");
  refresh();
})();
