"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { $("said").textContent = text; };

  // Opens whatever is folded around the place that the address names.
  const reveal = () => {
    const target = $(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    let folded = false;
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) {
      if (!box.open) { box.open = true; folded = true; }
    }
    if (folded) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // The table: rows that open, filters, sorting.
  const table = $("table");
  if (table) {
    const bodies = all("tbody", table);
    const fields = ["f-verdict", "f-section", "f-kind", "f-text"].map($);
    const [verdict, section, kind, text] = fields;
    const rows = all("tr.part", table);
    const total = rows.length;
    for (const row of rows) row.dataset.m = row.cells[3].textContent;
    const open = (body, yes) => {
      body.classList.toggle("open", yes);
      const button = body.querySelector(".toggle");
      if (button) button.setAttribute("aria-expanded", String(yes));
    };
    for (const body of bodies) {
      const button = body.querySelector(".toggle");
      if (button) button.addEventListener("click", () => open(body, !body.classList.contains("open")));
    }
    const expand = $("expand");
    expand.addEventListener("click", () => {
      const yes = expand.getAttribute("aria-expanded") !== "true";
      bodies.forEach((body) => open(body, yes));
      expand.setAttribute("aria-expanded", String(yes));
      expand.textContent = yes ? "Close all rows" : "Open all rows";
    });

    const filter = () => {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const active = fields.some((field) => field.value);
      let shown = 0;
      for (const body of bodies) {
        const head = body.querySelector(".group");
        const title = head ? head.textContent.toLowerCase() : "";
        let found = 0;
        for (const row of all("tr.part", body)) {
          const data = row.dataset;
          const words_of = title + " " + row.textContent.toLowerCase();
          const fits = (!verdict.value || data.claim === verdict.value || data.proof === verdict.value)
            && (!section.value || data.section === section.value)
            && (!kind.value || data.kind === kind.value)
            && words.every((word) => words_of.includes(word));
          row.hidden = !fits;
          if (fits) found += 1;
        }
        body.hidden = !found;
        shown += found;
        if (active) open(body, found > 0);
      }
      if (!active) bodies.forEach((body) => open(body, expand.getAttribute("aria-expanded") === "true"));
      const one = total === 1 ? " entry" : " entries";
      $("count").textContent = active ? shown + " of " + total + one : total + one;
      $("none").hidden = shown > 0;
      $("reset").hidden = !active;
    };
    fields.forEach((field) => field.addEventListener("input", filter));
    $("filters").addEventListener("submit", (event) => event.preventDefault());
    $("reset").addEventListener("click", () => {
      fields.forEach((field) => { field.value = ""; });
      filter();
      text.focus();
    });
    all("[data-filter]").forEach((link) => link.addEventListener("click", () => {
      fields.forEach((field) => { field.value = ""; });
      verdict.value = link.dataset.filter;
      filter();
    }));

    const numeric = new Set(["o", "c", "p", "g", "t"]);
    const compare = (key, down) => (a, b) => {
      const [x, y] = [a.dataset[key] ?? "", b.dataset[key] ?? ""];
      if (x === "" || y === "") return (x === "") - (y === "");
      const order = numeric.has(key) ? x - y : x.localeCompare(y);
      return (down ? -order : order) || a.dataset.o - b.dataset.o;
    };
    for (const head of all("thead th", table)) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const order = compare(head.dataset.key, down);
        for (const body of bodies) {
          const parts = all("tr.part", body).sort(order);
          body.append(...parts);
          // A statement is placed by its first part where it has no value of its own.
          if (!(head.dataset.key in body.dataset) || body.dataset.borrowed === head.dataset.key) {
            body.dataset[head.dataset.key] = parts[0].dataset[head.dataset.key] ?? "";
            body.dataset.borrowed = head.dataset.key;
          }
        }
        table.append(...bodies.sort(order));
        say("Sorted by " + button.textContent + (down ? ", descending" : ", ascending"));
      });
    }
  }

  // The graph: what a statement rests on, and what rests on it.
  const drawing = document.querySelector("svg.graph");
  if (drawing) {
    const arcs = all("[data-from]", drawing);
    const nodes = all("[data-key]", drawing);
    const trace = $("trace");
    const reach = (start, from, to) => {
      const found = new Set([start]);
      for (const key of found) {
        for (const arc of arcs) if (arc.dataset[from] === key) found.add(arc.dataset[to]);
      }
      return found;
    };
    const light = (key) => {
      drawing.classList.toggle("traced", Boolean(key));
      if (!key) return;
      const after = reach(key, "from", "to");
      const before = reach(key, "to", "from");
      for (const node of nodes) {
        node.classList.toggle("lit", after.has(node.dataset.key) || before.has(node.dataset.key));
      }
      for (const arc of arcs) {
        const { from, to } = arc.dataset;
        arc.classList.toggle("lit", (after.has(from) && after.has(to)) || (before.has(from) && before.has(to)));
      }
    };
    trace.addEventListener("change", () => light(trace.value));
    for (const node of nodes) {
      node.addEventListener("mouseenter", () => light(node.dataset.key));
      node.addEventListener("mouseleave", () => light(trace.value));
      node.addEventListener("focus", () => light(node.dataset.key));
      node.addEventListener("blur", () => light(trace.value));
    }
    drawing.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { trace.value = ""; light(""); }
    });
    all(".trace").forEach((link) => link.addEventListener("click", () => {
      const option = all("option", trace).find((item) => item.dataset.place === link.dataset.place);
      trace.value = option ? option.value : "";
      light(trace.value);
    }));
  }

  // What scrolls sideways can be reached with the keyboard.
  const reachable = () => all(".scroll:not([role]), .latex pre").forEach((box) => {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
  reachable();
  addEventListener("resize", reachable);
  document.addEventListener("toggle", reachable, true);

  // Folding everything at once.
  const details = () => all(".statements details");
  if ($("unfold")) {
    $("unfold").addEventListener("click", () => details().forEach((box) => { box.open = true; }));
    $("fold").addEventListener("click", () => details().forEach((box) => { box.open = false; }));
  }

  // Copying commands and LaTeX.
  const copy = async (words) => {
    try {
      await navigator.clipboard.writeText(words);
      say("Copied");
    } catch {
      say("The browser did not allow copying");
    }
  };
  for (const source of all(".cmd, .body > pre")) {
    const code = source.matches("p") ? source.querySelector("code") : source;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + code.textContent);
    button.addEventListener("click", () => copy(code.textContent));
    code.after(" ", button);
  }
  // A selection with formulas in it is copied with their LaTeX.
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const part = selection.getRangeAt(0).cloneContents();
    const formulas = all("math", part);
    if (!formulas.length) return;
    for (const formula of formulas) {
      const source = formula.querySelector("annotation");
      if (source) formula.replaceWith("$" + source.textContent + "$");
    }
    all("p, li, div, tr, h2, h3, h4, summary", part).forEach((block) => block.append("\n"));
    event.clipboardData.setData("text/plain", part.textContent.replace(/[ \t]*\n\s*/g, "\n").trim());
    event.preventDefault();
  });

  // Where the reader is, in the contents.
  const marks = new Map(all("nav.side a").map((link) => [link.hash.slice(1), link]));
  const watched = [...marks.keys()].map($).filter((item) => item && item.id !== "main");
  const seen = new IntersectionObserver(() => {
    const passed = watched.filter((item) => item.getBoundingClientRect().top < innerHeight / 3);
    const here = passed.length ? passed[passed.length - 1].id : "main";
    for (const [id, link] of marks) {
      if (id === here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "0px 0px -66% 0px" });
  watched.forEach((item) => seen.observe(item));
})();
