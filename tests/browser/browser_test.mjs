// SPDX-License-Identifier: Apache-2.0
// The tests' own instruments: a fault in a page must not pass unseen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, overflow, phone, violations } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const html = (body, head = '') =>
  'data:text/html,' +
  encodeURIComponent(`<!doctype html><html lang="en"><head><title>t</title>
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">${head}</head>
  <body><main><h1>t</h1>${body}</main></body></html>`);

test('a sound page has nothing to say', async () => {
  const { page, problems } = await open(browser, html('<p>words</p>'));
  assert.deepEqual(problems, []);
  assert.deepEqual(await violations(page), []);
  assert.equal(await overflow(page), 0);
});

test('errors, exceptions, refused and foreign requests are seen', async () => {
  const { page, problems } = await open(
    browser,
    html('<img alt="" src="http://192.0.2.1/x.png"><script>console.error("aha"); throw new Error("oho")</script>'),
  );
  await page.waitForFunction(() => document.readyState === 'complete');
  assert.ok(
    problems.some((line) => line.includes('aha')),
    problems.join('\n'),
  );
  assert.ok(
    problems.some((line) => line.includes('oho')),
    problems.join('\n'),
  );
  assert.ok(
    problems.some((line) => line.includes('192.0.2.1')),
    problems.join('\n'),
  );
});

test('what cannot be read is seen, also on a page that allows no foreign script', async () => {
  const { page } = await open(browser, html('<p style="color:#bbb;background:#fff">pale</p><button></button>'));
  const found = (await violations(page)).join('\n');
  assert.match(found, /color-contrast/);
  assert.match(found, /button-name/);
});

test('a page wider than its window is seen', async () => {
  const { page } = await open(browser, html('<div style="width:900px">wide</div>'), { size: phone });
  assert.ok((await overflow(page)) > 400);
});
