"use strict";
(() => {
  const form = document.querySelector("form.filter");
  const said = form.querySelector("output");
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const lines = all(".finding, tr.operation, ul.list > li");
  const words = new Map(lines.map((each) => [each, each.textContent.toLowerCase()]));

  const fits = (line, text, check, status) =>
    (!text || words.get(line).includes(text) || (line.dataset.operation || "").toLowerCase().includes(text)) &&
    (!check || (line.dataset.check || "").split(" ").includes(check)) &&
    (!status || (line.dataset.status || "").split(" ").includes(status));

  const filter = () => {
    const given = new FormData(form);
    const text = given.get("text").trim().toLowerCase();
    const check = given.get("check");
    const status = given.get("status");
    const shown = { finding: 0, operation: 0 };
    for (const line of lines) {
      line.hidden = !fits(line, text, check, status);
      if (line.hidden) continue;
      if (line.matches(".finding")) shown.finding += 1;
      if (line.matches("tr.operation")) shown.operation += 1;
    }
    for (const group of all(".grid tbody")) group.hidden = !all("tr.operation", group).some((each) => !each.hidden);
    for (const more of all("details.more")) {
      const left = all(".finding", more).some((each) => !each.hidden);
      more.hidden = !left;
      if (left && (text || check || status)) more.open = true;
    }
    for (const cell of all(".grid td[data-check], .grid thead th[data-check]"))
      cell.hidden = Boolean(check) && cell.dataset.check !== check;
    const active = text || check || status;
    said.textContent = active ? `${shown.operation} operations, ${shown.finding} findings` : "";
  };

  const reveal = () => {
    const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!place) return;
    if (place.hidden) {
      form.reset();
      filter();
    }
    for (let each = place; each; each = each.parentElement) if (each.matches("details")) each.open = true;
    const own = place.matches(".finding") && place.querySelector("details");
    if (own) own.open = true;
    place.scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  addEventListener("hashchange", reveal);
  reveal();
})();
