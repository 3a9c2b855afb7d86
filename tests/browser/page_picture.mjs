// SPDX-License-Identifier: Apache-2.0
// The picture of docs/pages.md: what `scripts/page-picture` draws. The argument is the file to write.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lanewise, launch, open } from './browser.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-picture-'));
const file = path.join(folder, 'page.html');
lanewise(
  'codesign',
  'mobilenet_v2',
  '--hw',
  'ne-256',
  '--evaluations',
  '600',
  '--finalists',
  '3',
  '--limit',
  'latency_ms<=5',
  '--out',
  path.join(folder, 'job'),
  '--report',
  file,
);
const browser = await launch();
const { page } = await open(browser, file, { size: { width: 900, height: 1400 } });
await page.waitForFunction(() => [...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('svg')));
// The head of the page, the front and the blocks: the rest is left out, so that the picture stays small.
await page.evaluate(() => {
  for (const part of document.querySelectorAll('.table, details, footer, nav, .actions')) part.remove();
  for (const section of document.querySelectorAll('section')) {
    if (!['at-a-glance', 'the-front', 'what-finalists-changed'].includes(section.id)) section.remove();
  }
});
await page.screenshot({
  path: process.argv[2],
  clip: { x: 0, y: 0, width: 900, height: await page.evaluate(() => Math.min(2100, document.body.scrollHeight)) },
  captureBeyondViewport: true,
});
await browser.close();
rmSync(folder, { recursive: true });
