// What is wider than the window can be scrolled with the keyboard, and the two side bars have names.
document.addEventListener("DOMContentLoaded", () => {
  const german = location.pathname.includes("/de/");
  const name = (selector, label) => document.querySelector(selector)?.setAttribute("aria-label", label);
  name(".sidebar-drawer", german ? "Alle Seiten" : "All pages");
  name(".toc-drawer", german ? "Auf dieser Seite" : "On this page");
  const boxes = document.querySelectorAll("article pre, article .table-wrapper");
  const reach = () =>
    boxes.forEach((box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  new ResizeObserver(reach).observe(document.documentElement);
  reach();
});
