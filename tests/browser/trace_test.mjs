// SPDX-License-Identifier: Apache-2.0
// The trace of `simulate --trace`, opened in a viewer of traces that others made: speedscope, which shows one track of a trace at a time.
import assert from 'node:assert/strict';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { lanewise, launch, laptop, open, picture, work } from './browser.mjs';

const viewer = path.join(path.dirname(createRequire(import.meta.url).resolve('speedscope/package.json')), 'dist/release');
const trace = path.join(work, 'trace.json');
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm' };
let browser, server, home;

before(async () => {
  lanewise('simulate', 'squeezenet1_1', '--hw', 'ne-256', '--trace', trace);
  server = createServer((request, response) => {
    const name = new URL(request.url, 'http://viewer').pathname;
    const file = name === '/trace.json' ? trace : path.join(viewer, path.basename(name));
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  home = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});
after(async () => {
  await browser.close();
  server.close();
});

test('a viewer of traces reads every track', async () => {
  const { page, problems } = await open(browser, `${home}/index.html#profileURL=${encodeURIComponent(`${home}/trace.json`)}`, { size: laptop });
  const words = () => page.evaluate(() => document.body.innerText);
  await page.waitForFunction(() => /\(\d+\/\d+\)/.test(document.body.innerText));
  // The tracks that have something to show; the viewer counts those.
  const events = JSON.parse(readFileSync(trace, 'utf8')).traceEvents;
  const named = new Map(events.filter((event) => event.name === 'thread_name').map((event) => [event.tid, event.args.name]));
  const tracks = new Set(events.filter((event) => event.ph === 'X' || event.ph === 'B').map((event) => event.tid));
  assert.ok(tracks.size >= 5, [...tracks].join());
  const [, at, of] = /\((\d+)\/(\d+)\)/.exec(await words());
  assert.equal(Number(of), tracks.size);
  assert.ok(Number(at) >= 1);
  const shown = await words();
  assert.ok(
    [...named.values()].some((name) => shown.includes(name)),
    shown,
  );
  await picture(page, 'trace', { fullPage: false });
  assert.deepEqual(
    problems.filter((line) => !/WebGL|GPU|ReadPixels|swiftshader/i.test(line)),
    [],
  );
});
