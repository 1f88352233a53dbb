// Loops in a Sphinx page follow its theme's own switch between light and dark (Furo's data-theme on the body, or a
// data-theme or data-mode on the root), and the system's wish where that is left to it.
(() => {
  "use strict";
  if (window.tracedLoopsFollow) return;
  window.tracedLoopsFollow = true;

  const MEDIA = /\(prefers-color-scheme: (light|dark)\)/;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const shown = () => {
    for (const { dataset } of [document.body, document.documentElement]) {
      const said = dataset.theme || dataset.mode;
      if (said === "light" || said === "dark") return said;
    }
    return dark.matches ? "dark" : "light";
  };

  const follow = () => {
    const theme = shown();
    document.querySelectorAll("traced-loop").forEach((loop) => {
      loop.querySelectorAll("source[media]").forEach((source) => {
        const media = (source.dataset.media ??= source.media);
        source.media = media.replace(MEDIA, (_, wanted) => (wanted === theme ? "(min-width: 0)" : "(max-width: 0)"));
      });
      const figure = loop.querySelector("figure");
      figure.dataset.first ??= figure.dataset.theme;
      figure.dataset.other ??= figure.dataset.otherTheme ?? "";
      figure.dataset.theme = theme === figure.dataset.other ? theme : figure.dataset.first;
      delete figure.dataset.otherTheme;
      if (loop.listening) loop.dress();
    });
  };

  const start = () => {
    const watch = new MutationObserver(follow);
    for (const element of [document.body, document.documentElement]) {
      watch.observe(element, { attributes: true, attributeFilter: ["data-theme", "data-mode"] });
    }
    dark.addEventListener("change", follow);
    follow();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
