// Plays a page's loops: only those in view, with a rest on the answer, and never against the reader's wish.
// Says of each value in a still what it is and where it was recorded, when the reader asks for it.
// Without it there are posters, the browser's own controls and tables. It may be included more than once.
(() => {
  "use strict";
  if (customElements.get("traced-loop")) return;

  const REST = 2000; // on the answer, in milliseconds
  const IN_VIEW = 0.4; // of the picture
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 599px)");
  const coarse = matchMedia("(pointer: coarse)");
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

  // Boxes as a row has them, in 1/10000 of the frame: left, top, width, height; of a run of cells also left and top of
  // the last, and how many; a single number is so many that are not drawn.
  const boxesOf = (text) =>
    text.split(",").flatMap((part) => {
      const [x, y, width, height, endX = x, endY = y, count = 1] = part.split(" ").map(Number);
      if (y === undefined) return Array(x).fill(null);
      const at = (from, to, place) => from + ((to - from) * place) / (count - 1 || 1);
      return Array.from({ length: count }, (_, place) => [at(x, endX, place), at(y, endY, place), width, height]);
    });
  const placesOf = (row, shape) => row.getAttribute(`data-${shape}-cells`) || row.getAttribute(`data-${shape}`);
  const middle = ([x, y, width, height]) => [x + width / 2, y + height / 2];
  // from the top to the bottom, in rows, each from the left
  const inReadingOrder = (values) => {
    const ordered = [];
    const rest = values.sort((a, b) => middle(a.first)[1] - middle(b.first)[1]);
    while (rest.length) {
      const end = rest.findIndex(({ first }) => middle(first)[1] > rest[0].first[1] + rest[0].first[3]);
      ordered.push(...rest.splice(0, end < 0 ? rest.length : end).sort((a, b) => a.first[0] - b.first[0]));
    }
    return ordered;
  };
  // the same recorded value: of the same recording, from the same place in it
  const originOf = (row) => {
    const loop = row.closest("traced-loop");
    const trace = row.closest("table").dataset.trace || loop.dataset.number;
    return row.dataset.fact || `${trace} ${row.cells[2].textContent}`;
  };
  // of one number of a list, where that can be told: [18, 4, [0, 38, 77]] has [18, 4, 38], and [0:30, 4] has [1, 4]
  const sourceOf = (source, place, count) => {
    const [list, ...others] = source.match(/\[\d[\d, ]*\](?=\]|,)|\d+:\d+/g) || [];
    if (!list || others.length || source.includes(": ")) return source;
    const numbers = list.match(/\d+/g).map(Number);
    if (list[0] === "[") return numbers.length === count ? source.replace(list, numbers[place]) : source;
    return numbers[1] - numbers[0] === count ? source.replace(list, numbers[0] + place) : source;
  };
  // from the pointer to the element's edge and to its middle
  const distance = (element, { clientX: x, clientY: y }) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const far = Math.hypot(Math.max(left - x, x - right, 0), Math.max(top - y, y - bottom, 0));
    return { far, off: Math.hypot((left + right) / 2 - x, (top + bottom) / 2 - y) };
  };
  let trail = null; // the inspector whose value is marked in other pictures

  // A still's values as marks over the picture, and a card that says what one of them is.
  class Inspector {
    constructor(loop, button) {
      Object.assign(this, { loop, button, figure: loop.querySelector("figure") });
      this.rows = [...loop.querySelectorAll("tbody tr")];
    }

    // the one the browser shows in this window
    get cut() {
      const sources = [...this.loop.querySelectorAll("picture source")];
      return sources.find(({ media }) => matchMedia(media).matches) || this.loop.querySelector("picture img");
    }

    holdsFocus() {
      const { activeElement } = document;
      return !!this.svg && [this.svg, this.card].some((each) => each.contains(activeElement));
    }

    dress() {
      const { shape } = this.cut.dataset;
      this.button.hidden = !this.rows.some((row) => placesOf(row, shape));
      if (!this.svg || shape === this.shape) return;
      this.close();
      this.button.hidden || this.open();
    }

    toggle(byKeys) {
      if (this.svg) return this.close();
      this.open();
      if (byKeys) this.order[0].node.focus();
    }

    open() {
      if (this.svg) return;
      const { loop, cut } = this;
      const stage = loop.querySelector(".stage");
      if (loop.video) {
        loop.obey("pause");
        loop.video.currentTime = 0;
      }
      this.figure.classList.add("inspected"); // the still is seen, whatever the video has loaded
      this.button.setAttribute("aria-pressed", true);
      this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      this.svg.setAttribute("viewBox", `0 0 ${cut.getAttribute("width")} ${cut.getAttribute("height")}`);
      this.svg.setAttribute("role", "group");
      this.svg.setAttribute("aria-label", this.button.dataset.marks);
      this.card = loop.querySelector("template").content.firstElementChild.cloneNode(true);
      this.said = document.createElement("p"); // to readers who do not see the card
      this.said.className = "unseen";
      this.said.setAttribute("role", "status");
      this.draw(cut);
      stage.append(this.svg);
      stage.after(this.card, this.said);
      this.listen();
    }

    draw(cut) {
      this.shape = cut.dataset.shape;
      const [across, down] = ["width", "height"].map((name) => cut.getAttribute(name) / 10000);
      const values = this.rows.flatMap((row) => {
        const text = placesOf(row, this.shape);
        const cells = row.hasAttribute(`data-${this.shape}-cells`);
        if (!text) return [];
        const boxes = boxesOf(text);
        return [{ row, boxes, cells, first: boxes.find((box) => box) }];
      });
      this.marks = inReadingOrder(values.filter(({ first }) => first)).flatMap(({ row, boxes, cells, first }) =>
        boxes.flatMap((box, place) => {
          if (!box) return [];
          const node = document.createElementNS(this.svg.namespaceURI, "rect");
          const [x, y, width, height] = box;
          const room = cells ? 0 : across * 25; // around it; cells lie side by side
          const said = row.cells[0].textContent;
          const attributes = {
            x: x * across - room,
            y: y * down - room,
            width: Math.max(width * across, 1) + 2 * room,
            height: Math.max(height * down, 1) + 2 * room,
            rx: 3,
            role: "button",
            tabindex: -1,
            "aria-pressed": false,
            "aria-label": cells ? `${said} · ${place + 1} / ${boxes.length}` : said,
            "data-value": "",
          };
          for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
          const cell = cells && [place, boxes.length];
          return [{ node, row, box, size: width * height, cell, leads: cells || box === first }];
        }),
      );
      // larger ones below the smaller, all else in reading order
      const over = ({ box: [x, y, width, height], size }) =>
        this.marks.some((each) => {
          const [left, top] = middle(each.box);
          return each.size < size && left > x && left < x + width && top > y && top < y + height;
        });
      const depth = new Map(this.marks.map((mark) => [mark, over(mark) ? mark.size : 0]));
      this.svg.append(...[...this.marks].sort((a, b) => depth.get(b) - depth.get(a)).map(({ node }) => node));
      this.order = this.marks.filter(({ leads }) => leads); // of a value shown twice the keys find one
      this.order[0].node.setAttribute("tabindex", 0);
    }

    listen() {
      const { svg, card } = this;
      svg.addEventListener("pointermove", (event) => {
        if (this.pinned || event.pointerType === "touch") return;
        const mark = this.find(event);
        // a card lets the pointer through to the marks below, but not on its way to a button
        const over = this.mark && mark !== this.mark && !distance(card, event).far;
        card.classList.toggle("entered", over);
        if (over) this.later(150, mark);
        else if (mark) this.show(mark, true);
        else this.later(300);
      });
      svg.addEventListener("pointerleave", () => this.later(300));
      card.addEventListener("pointerenter", () => this.stay());
      card.addEventListener("pointerleave", () => this.later(300));
      svg.addEventListener("click", (event) => {
        // what presses a mark without a pointer has no place
        const mark = event.detail ? this.find(event) : this.at(event.target);
        if (!mark || (this.pinned && mark === this.mark)) return this.hide();
        mark.node.focus({ preventScroll: true });
        this.show(mark);
        this.pin(true);
      });
      svg.addEventListener("focusin", ({ target }) => {
        const mark = this.at(target);
        this.marks.forEach(({ node }) => node.setAttribute("tabindex", -1));
        mark.node.setAttribute("tabindex", 0);
        this.show(mark);
      });
      for (const each of [svg, card])
        each.addEventListener("focusout", ({ relatedTarget: next }) => {
          if (!this.pinned && !svg.contains(next) && !card.contains(next)) this.hide();
        });
      svg.addEventListener("keydown", (event) => this.press(event));
      this.part("[data-close]").addEventListener("click", () => this.escape());
      this.part("[data-copy]").addEventListener("click", ({ target }) => this.copy(target));
      this.part("[data-elsewhere]").addEventListener("click", () => (trail === this ? this.forget() : this.follow()));
    }

    part(selector) {
      return this.card.querySelector(selector);
    }

    at(node) {
      return this.marks.find((mark) => mark.node === node);
    }

    // the smallest mark at the pointer, or the nearest within reach
    find(event) {
      const near = this.marks.map((mark) => ({ mark, size: mark.size, ...distance(mark.node, event) }));
      const [{ mark, far }] = near.sort((a, b) => a.far - b.far || a.size - b.size || a.off - b.off);
      return far <= (coarse.matches ? 22 : 4) ? mark : null;
    }

    press(event) {
      const { order } = this;
      const current = this.at(event.target);
      const at = order.findIndex((mark) => mark === current || (!current.leads && mark.row === current.row));
      const to = {
        ArrowRight: () => order[at + 1],
        ArrowLeft: () => order[at - 1],
        ArrowDown: () => this.beyond(current, 1) || order[at + 1],
        ArrowUp: () => this.beyond(current, -1) || order[at - 1],
        Home: () => order[0],
        End: () => order[order.length - 1],
        Enter: () => current,
        " ": () => current,
      }[event.key];
      if (!to || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation(); // a notebook has its own use for these
      const next = to();
      if (next !== current) return next?.node.focus();
      const pins = !this.pinned || this.mark !== current;
      this.show(current);
      this.pin(pins);
    }

    // the nearest that lies below (1) or above (-1)
    beyond({ box }, way) {
      const [x, y] = middle(box);
      const far = ({ box: other }) => {
        const [otherX, otherY] = middle(other);
        const away = (otherY - y) * way;
        return away > 100 ? away + 2 * Math.abs(otherX - x) : Infinity;
      };
      const nearest = this.order.reduce((a, b) => (far(b) < far(a) ? b : a));
      return far(nearest) < Infinity ? nearest : null;
    }

    stay() {
      clearTimeout(this.timer);
    }

    // where the pointer rests: on a mark, or nowhere
    later(milliseconds, mark = null) {
      this.stay();
      if (!this.mark || this.pinned) return;
      this.timer = setTimeout(() => {
        const next = mark || this.at(document.activeElement);
        if (next) this.show(next, true);
        else if (!this.holdsFocus() && !this.card.matches(".entered")) this.hide();
      }, milliseconds);
    }

    pin(pinned) {
      this.pinned = pinned;
      this.card.classList.toggle("pinned", pinned);
      this.mark.node.setAttribute("aria-pressed", pinned);
    }

    show(mark, pointed = false) {
      this.stay();
      this.guest = false;
      if (mark === this.mark) return;
      this.clear();
      this.mark = mark;
      // a bar and its number are one value
      this.marks.forEach((each) => each.node.classList.toggle("on", mark.cell ? each === mark : each.row === mark.row));
      this.card.classList.remove("entered");
      const [sentence, raw, source] = [...mark.row.cells].map((cell) => cell.textContent.trim());
      const { cell } = mark;
      this.recorded = cell ? [raw.split(" ")[cell[0]], sourceOf(source, ...cell)] : [raw, source];
      this.others = [...document.querySelectorAll("traced-loop tbody tr")].filter(
        (row) => row !== mark.row && originOf(row) === originOf(mark.row),
      );
      this.part(".said").textContent = sentence;
      [this.part(".raw").textContent, this.part(".from").textContent] = this.recorded;
      this.part(".nth").textContent = cell ? `${cell[0] + 1} / ${cell[1]}` : "";
      this.part("[data-elsewhere]").hidden = !this.others.length;
      this.card.hidden = false;
      this.said.textContent = this.recorded.join(" · ");
      this.place(pointed);
    }

    // beside the mark and not over it: below, above, or where there is room
    place(pointed = true) {
      const { card, mark } = this;
      const gap = 10;
      const value = mark.node.getBoundingClientRect();
      card.classList.remove("from-above");
      if (getComputedStyle(card).position === "fixed") {
        const over = value.bottom + gap - (innerHeight - card.offsetHeight);
        if (over <= 0) return;
        const before = scrollY;
        if (!pointed) scrollBy({ top: over, behavior: "instant" });
        card.classList.toggle("from-above", over > scrollY - before + gap);
        return;
      }
      const area = this.figure.getBoundingClientRect();
      const { offsetWidth: width, offsetHeight: height } = card;
      const within = (at, low, high) => Math.max(low, Math.min(at, high));
      const x = within((value.left + value.right - width) / 2, area.left, area.right - width);
      const y = within(value.top, 0, innerHeight - height);
      const fits = ([left, top]) =>
        top >= 0 && top + height <= innerHeight && left >= 0 && left + width <= document.documentElement.clientWidth;
      const places = [
        [x, value.bottom + gap],
        [x, value.top - gap - height],
        [value.right + gap, y],
        [value.left - gap - width, y],
      ];
      const [left, top] = places.find(fits) || places[0];
      card.style.setProperty("--x", `${left - area.left}px`);
      card.style.setProperty("--y", `${top - area.top}px`);
    }

    clear() {
      if (!this.mark) return;
      this.pin(false);
      this.marks.forEach(({ node }) => node.classList.remove("on"));
      this.mark = null;
      this.name(false);
    }

    // the other pictures with this value
    name(are) {
      this.part(".also").hidden = !are;
      this.part("[data-elsewhere]").setAttribute("aria-expanded", are);
    }

    hide() {
      this.stay();
      this.clear();
      if (!this.svg) return;
      this.card.hidden = true;
      this.said.textContent = "";
    }

    // the card first, then the marks
    escape() {
      if (!this.mark) {
        this.close();
        return this.button.focus();
      }
      if (this.card.contains(document.activeElement)) this.mark.node.focus({ preventScroll: true });
      this.hide();
    }

    close() {
      if (!this.svg) return;
      const returns = this.holdsFocus();
      this.hide();
      if (trail === this) this.forget();
      [this.svg, this.card, this.said].forEach((each) => each.remove());
      this.svg = null;
      this.figure.classList.remove("inspected");
      this.button.setAttribute("aria-pressed", false);
      if (returns) this.button.focus({ preventScroll: true });
    }

    async copy(button) {
      const text = this.recorded.join(" · ");
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        // there is no clipboard for a page from here
        const area = document.createElement("textarea");
        area.className = "unseen";
        area.value = text;
        this.card.append(area);
        area.select();
        const done = document.execCommand("copy");
        button.focus();
        area.remove();
        if (!done) return;
      }
      button.textContent = this.said.textContent = button.dataset.copied;
      setTimeout(() => (button.textContent = button.dataset.copy), 2000);
    }

    // marks the same recorded value in the page's other pictures, and names those
    follow() {
      trail?.forget();
      trail = this;
      const { mark, others } = this;
      const list = this.part(".also");
      [...list.children].forEach((link) => link.remove());
      const named = new Set([this.loop.dataset.number]);
      mark.node.classList.add("same");
      for (const row of others) {
        const loop = row.closest("traced-loop");
        const { inspector } = loop;
        if (inspector && !inspector.svg && placesOf(row, inspector.cut.dataset.shape)) {
          inspector.open();
          inspector.guest = true;
        }
        const isSame = (each) => each.row === row && each.cell?.[0] === mark.cell?.[0];
        const same = inspector?.svg ? inspector.marks.filter(isSame) : [];
        same.forEach(({ node }) => node.classList.add("same"));
        const { number } = loop.dataset;
        if (named.has(number)) continue;
        named.add(number);
        const link = document.createElement("a");
        link.href = `#${loop.closest("[id]")?.id || ""}`;
        link.textContent = number;
        link.addEventListener("click", (event) => {
          event.preventDefault();
          loop.querySelector(".stage").scrollIntoView({ block: "center", behavior: "instant" });
          if (!same.length || !inspector.svg) return;
          this.hide();
          same[0].node.focus({ preventScroll: true });
          inspector.pin(true);
        });
        list.append(link);
      }
      this.name(named.size > 1);
      this.place();
    }

    forget() {
      trail = null;
      document.querySelectorAll("traced-loop .same").forEach((node) => node.classList.remove("same"));
      loops.forEach(({ inspector }) => inspector?.guest && inspector.close());
      this.name(false);
    }
  }

  class TracedLoop extends HTMLElement {
    connectedCallback() {
      if (document.readyState !== "loading") this.start();
      else document.addEventListener("DOMContentLoaded", () => this.start(), { once: true });
    }

    start() {
      const video = (this.video = this.querySelector("video"));
      const inspect = this.querySelector("[data-inspect]");
      if (!this.isConnected || loops.has(this)) return;
      this.media ??= new Map([...this.querySelectorAll("source")].map((source) => [source, source.media]));
      if (!video && !inspect) return this.follow();
      loops.add(this);
      if (video) this.source ??= this.fitting(); // the browser has found it by itself
      this.listening = new AbortController();
      const on = (target, type, does, more) =>
        target.addEventListener(type, does, { signal: this.listening.signal, ...more });
      if (inspect) {
        this.inspector = new Inspector(this, inspect);
        on(inspect, "click", ({ detail }) => this.inspector.toggle(!detail));
      }
      if (!video) return this.follow();
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
      this.inspector?.close();
      if (!this.video) return;
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
      if (!this.listening || !this.video) return;
      const wants = this.wants() && !this.broken;
      show(this.button, wants);
      if (wants) this.inspector?.close();
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
      this.dress();
    }

    fitting() {
      return [...this.video.querySelectorAll("source")].find(({ media }) => matchMedia(media || "all").matches);
    }

    // the cut for this window and theme: the browser looks at the sources' media only when it loads
    dress() {
      this.inspector?.dress();
      const { video } = this;
      if (!video) return;
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
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const open = [...loops].map((loop) => loop.inspector).filter((each) => each?.svg);
    const rank = (each) => 2 * !!each.mark + each.holdsFocus(); // a card goes before the marks
    open.sort((a, b) => rank(b) - rank(a))[0]?.escape();
  });
  addEventListener("resize", () => loops.forEach(({ inspector }) => inspector?.mark && inspector.place()));
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
