// The theme keeps where its sidebar was scrolled to from page to page, so that the entry of a page that
// was reached by another way may lie outside of what is shown.
addEventListener("load", () => {
  const bar = document.querySelector(".bd-sidebar-primary");
  const entry = [...(bar?.querySelectorAll("li.current > a") ?? [])].at(-1);
  if (!entry) return;
  const [shown, own] = [bar.getBoundingClientRect(), entry.getBoundingClientRect()];
  if (own.top < shown.top || own.bottom > shown.bottom) {
    bar.scrollTop += own.top - shown.top - bar.clientHeight / 3;
  }
});
