// Follows every link from the pages given, as whoever is signed in; answers with what was met and what was wrong.
// arguments: the addresses to begin with, and how many pages of one shape are read.
const [begin, shapeMax, done] = arguments;

/** The address with what names one case, person or file taken out: pages of one shape are made by the same code. */
const shapeOf = url => {
  const path = url.pathname
    .replace(/\/cases\/case-[^/]+/, '/cases/*')
    .replace(/\/(papers|files|requests|decisions|laws|tokens|clauses)\/[^/]+/g, '/$1/*');
  const names = [...new Set([...url.searchParams.keys()])].sort();
  return path + (names.length ? '?' + names.join('&') : '');
};

const faults = [];
const shapes = {};
const seen = new Set();
const queue = [];
const wanted = new Map(); // address -> ids that links to it name

const note = (url, from) => {
  const bare = url.pathname + url.search;
  if (url.hash) {
    const ids = wanted.get(bare) ?? new Set();
    wanted.set(bare, ids.add(decodeURIComponent(url.hash.slice(1))));
  }
  if (seen.has(bare)) return;
  seen.add(bare);
  const shape = shapeOf(url);
  const met = shapes[shape] ??= [];
  if (met.length >= shapeMax) return;
  met.push(bare);
  queue.push({ bare, shape, from });
};

const words = (page, where) => {
  page.querySelectorAll('script, style, pre, code, textarea, [lang=en]').forEach(e => e.remove());
  const text = page.body.textContent;
  const odd = [
    [/[\u4e00-\u9fff][,;:!?()][\u4e00-\u9fff]/, 'half-width punctuation'],
    [/\bundefined\b|\bNaN\b|\[object |Some\(|\{\{|\uFFFD/, 'something of the program'],
  ];
  for (const [pattern, what] of odd) {
    const at = text.search(pattern);
    if (at >= 0) faults.push(`${where}: ${what}: ${text.slice(Math.max(0, at - 15), at + 15)}`);
  }
};

const read = async ({ bare, from }) => {
  let answer = await fetch(bare, { redirect: 'follow' });
  // One export at a time for each person: whoever asks for two is told to come again.
  for (let n = 0; n < 30 && answer.status === 503 && answer.headers.has('retry-after'); n += 1) {
    await new Promise(resolve => setTimeout(resolve, 200));
    answer = await fetch(bare, { redirect: 'follow' });
  }
  const kind = answer.headers.get('content-type') ?? '';
  const where = `${bare} (linked from ${from})`;
  if (!answer.ok) faults.push(`${where}: ${answer.status}`);
  const text = await answer.text();
  if (!kind.startsWith('text/html')) return;
  const page = new DOMParser().parseFromString(text, 'text/html');
  if (!page.querySelector('main h1')) faults.push(`${where}: no heading`);
  if (!page.title.trim()) faults.push(`${where}: no title`);
  if (!page.querySelector('body a[href]')) faults.push(`${where}: no way on`);
  const ids = new Set([...page.querySelectorAll('[id]')].map(e => e.id));
  found.set(bare, ids);
  const base = new URL(answer.url);
  for (const link of page.querySelectorAll('a[href], form[method=get][action]')) {
    const target = new URL(link.getAttribute('href') ?? link.getAttribute('action'), base);
    if (target.origin === location.origin) note(target, bare);
  }
  words(page, where);
};

const found = new Map();
(async () => {
  for (const path of begin) note(new URL(path, location.origin), 'the beginning');
  while (queue.length) await Promise.all(queue.splice(0, 4).map(read));
  for (const [bare, ids] of wanted) {
    for (const id of ids) {
      if (found.has(bare) && !found.get(bare).has(id)) faults.push(`${bare}: nothing is called #${id}`);
    }
  }
  done({ shapes, faults, pages: found.size });
})().catch(error => done({ shapes, faults: [...faults, String(error)], pages: 0 }));
