// Reports that wait on this phone: a table of the browser, for report.js and, put before it, report-worker.js.

const finish = (request) => new Promise((good, bad) => {
  request.onsuccess = () => good(request.result);
  request.onerror = () => bad(request.error);
});

async function store(mode, use) {
  const opening = indexedDB.open("reports", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("reports", { keyPath: "key" });
  const base = await finish(opening);
  try {
    return await finish(use(base.transaction("reports", mode).objectStore("reports")));
  } finally {
    base.close();
  }
}
