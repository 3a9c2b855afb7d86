// SPDX-License-Identifier: Apache-2.0
// What the tests of pages share: Debian's Chromium, driven without a window, what went wrong in it, how accessible a page is, pictures to look at.
// They are run as `node FILE` from the source root, with LANEWISE_BUILD naming the build tree.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const build = path.resolve(process.env.LANEWISE_BUILD ?? path.join(root, 'build/release'));
export const program = path.join(build, 'lanewise');
// What tests write: files of their own in `work`, pictures in `pictures`, both of the build tree.
export const work = path.join(build, 'browser');
export const pictures = path.join(work, 'pictures');
mkdirSync(pictures, { recursive: true });

// Sizes of windows: a small laptop's, a phone's.
export const laptop = { width: 1366, height: 768 };
export const phone = { width: 390, height: 844 };

const environment = { ...process.env, LANEWISE_HOME: root };
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// What `lanewise ARGUMENTS` prints on standard output, run from the source root; throws where it fails.
export function lanewise(...args) {
  return execFileSync(program, args, { cwd: root, env: environment, encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] });
}

// `lanewise ARGUMENTS` as a process that goes on; who starts it ends it.
export function start(...args) {
  return spawn(program, args, { cwd: root, env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
}

// A browser of its own. Root, as which containers run, has no sandbox to give it.
export function launch() {
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--disable-dev-shm-usage', '--no-first-run', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])],
    protocolTimeout: 1_800_000,
  });
}

// Opens `url` (or a file's path). `scheme`: "light" or "dark", as the system would say. Gives puppeteer's page and `problems`, which grows while
// the page is open: errors and warnings of its console, exceptions that nobody caught, requests that failed or that its policy refused, and
// requests that leave this machine.
export async function open(browser, url, { scheme = 'light', size = laptop, media = 'screen' } = {}) {
  const page = await browser.newPage();
  // A machine that is busy with other things is slow, not wrong.
  page.setDefaultTimeout(1_800_000);
  const problems = [];
  page.on('console', (message) => {
    if (['error', 'warn', 'warning', 'assert'].includes(message.type())) problems.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => problems.push(`request failed: ${request.url()} (${request.failure()?.errorText})`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`answer ${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    const here = ['file:', 'data:', 'blob:', 'about:'].includes(protocol) || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
    if (!here) problems.push(`request to the network: ${request.url()}`);
  });
  await page.setViewport({ ...size, deviceScaleFactor: 1 });
  await look(page, { scheme, media });
  await page.goto(/^[a-z]+:/.test(url) ? url : `file://${path.resolve(url)}`, { waitUntil: 'load' });
  return { page, problems };
}

// The theme and the medium, of a page that is open. Both at once: the one alone would undo the other.
export async function look(page, { scheme = 'light', media = 'screen' } = {}) {
  const session = await page.createCDPSession();
  await session.send('Emulation.setEmulatedMedia', { media, features: [{ name: 'prefers-color-scheme', value: scheme }] });
}

// What a checker of accessibility finds, one line per kind of fault: those of WCAG 2.2 A and AA and good practice that weigh "serious" or
// "critical"; `without` names rules that are left out. The checker is evaluated by the debugger, which no page's policy keeps out, so that the policy stays in force.
export async function violations(page, { impacts = ['serious', 'critical'], without = [] } = {}) {
  await page.evaluate(axe);
  const found = await page.evaluate(
    (left) => window.axe.run(document, { resultTypes: ['violations'], rules: Object.fromEntries(left.map((rule) => [rule, { enabled: false }])) }),
    without,
  );
  return found.violations
    .filter((violation) => impacts.includes(violation.impact))
    .map(
      (violation) =>
        `${violation.id} (${violation.impact}): ${violation.help}: ` +
        violation.nodes
          .slice(0, 5)
          .map((node) => `${node.target.join(' ')} [${node.failureSummary?.split('\n')[1]?.trim()}]`)
          .join('; '),
    );
}

// By how many CSS pixels the page is wider than its window: what a reader would have to scroll sideways.
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

// Takes a picture into the build tree, of the whole page unless told otherwise; people look at these.
export async function picture(page, name, { fullPage = true } = {}) {
  const file = path.join(pictures, `${name}.png`);
  await page.screenshot({ path: file, fullPage });
  return file;
}
