(() => {
  const d = document;
  d.addEventListener("click", async (e) => {
    const b = e.target.closest("[data-copy]");
    if (b) {
      try {
        await navigator.clipboard.writeText(b.dataset.copy);
        const was = b.dataset.was || (b.dataset.was = b.textContent);
        b.textContent = "Copied";
        setTimeout(() => { b.textContent = was; }, 1600);
      } catch { const i = d.getElementById(b.dataset.field); if (i) { i.focus(); i.select(); } }
      return;
    }
    for (const m of d.querySelectorAll("details.person[open]")) if (!m.contains(e.target)) m.open = false;
  });
  d.addEventListener("keydown", (e) => {
    if (e.key === "Escape") for (const m of d.querySelectorAll("details.person[open]")) { m.open = false; m.querySelector("summary").focus(); }
  });
  for (const f of d.querySelectorAll(".figure-chart")) {
    const out = f.querySelector("output");
    if (!out) continue;
    const rest = out.textContent;
    const show = (e) => { const t = e.target.closest(".b"); out.textContent = t ? t.querySelector("title").textContent : rest; };
    f.addEventListener("pointerover", show);
    f.addEventListener("focusin", show);
    f.addEventListener("pointerleave", () => { out.textContent = rest; });
  }
  for (const s of d.querySelectorAll("[data-submit]")) s.addEventListener("change", () => s.form.requestSubmit());
  for (const f of d.querySelectorAll("form[method=post]")) f.addEventListener("submit", (e) => { if (f.dataset.sent) e.preventDefault(); f.dataset.sent = 1; });
  addEventListener("pageshow", () => { for (const f of d.querySelectorAll("form[data-sent]")) delete f.dataset.sent; });
  for (const b of d.querySelectorAll("[data-copy]")) b.hidden = false;
})();
