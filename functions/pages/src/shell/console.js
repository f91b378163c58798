(() => {
  const d = document, rows = [...d.querySelectorAll("a[data-row]")];
  for (const here of d.querySelectorAll("nav a[aria-current=page]")) here.scrollIntoView({ block: "nearest", inline: "center" });
  for (const k of d.querySelectorAll("[data-keys]")) k.hidden = false;
  const at = () => rows.findIndex((a) => a.closest("tr").contains(d.activeElement));
  const move = (by) => { const to = rows[at() < 0 ? 0 : Math.min(Math.max(at() + by, 0), rows.length - 1)]; if (to) { to.focus(); to.scrollIntoView({ block: "nearest" }); } };
  const approve = () => {
    const row = rows.length ? rows[at()]?.closest("tr") : d;
    const b = row?.querySelector("[data-approve]");
    if (b && d.activeElement === b) b.click(); else b?.focus();
  };
  const reject = () => {
    const fold = d.querySelector("[data-reject]");
    if (fold) { fold.open = true; fold.querySelector("textarea").focus(); return; }
    const row = rows[at()];
    if (row?.closest("tr").querySelector("[data-approve]")) location.href = row.href + "#reject";
  };
  const keys = { j: () => move(1), k: () => move(-1), a: approve, r: reject };
  d.addEventListener("keydown", (e) => {
    const act = keys[e.key];
    if (!act || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input:not([type=checkbox]),textarea,select,[contenteditable]")) return;
    e.preventDefault();
    act();
  });
  if (location.hash === "#reject") reject();
  const again = d.getElementById("main").dataset.refresh;
  if (again) setInterval(() => { if (!d.hidden && !d.querySelector("form :focus")) location.reload(); }, again * 1000);
})();
