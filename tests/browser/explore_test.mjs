// SPDX-License-Identifier: Apache-2.0
// `lanewise explore` in a real browser: dragged, clicked, typed at, and looked at.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { laptop, lanewise, launch, open, overflow, phone, picture, start, violations, work } from './browser.mjs';

const model = path.join(work, 'explore.lwm');
const folder = path.join(work, 'explore');
let browser, explore, address;

before(async () => {
  if (!existsSync(model)) {
    const store = path.join(work, 'explore.sqlite');
    rmSync(store, { force: true });
    lanewise('measure', 'mobilenet_v2', '--hw', 'ne-256', '--rows', '1500', '--engines', '30', '--out', store);
    lanewise('train', store, '--out', model, '--trees', '60', '--depth', '5');
  }
  rmSync(folder, { recursive: true, force: true });
  explore = start('explore', 'mobilenet_v2', 'squeezenet1_1', '--hw', 'ne-256', '--estimator', model, '--out', folder);
  address = await new Promise((resolve, reject) => {
    let text = '', errors = '';
    explore.stdout.on('data', (data) => {
      text += data;
      if (text.includes('\n')) resolve(text.trim());
    });
    explore.stderr.on('data', (data) => { errors += data; });
    explore.on('exit', () => reject(new Error(`explore ended: ${errors}`)));
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (explore && explore.exitCode === null) {
    const ended = new Promise((resolve) => explore.on('exit', resolve));
    explore.kill('SIGINT');
    assert.equal(await ended, 0);
  }
});

const settled = (page) => page.waitForFunction(() => !document.querySelector('#figures.stale') && /\d/.test(document.querySelector('#cards .number')?.textContent ?? ''));
const card = (page, title) => page.$$eval('.card', (cards, wanted) => {
  const found = cards.find((each) => each.querySelector('dt').firstChild.textContent === wanted);
  return { text: found.innerText, number: found.querySelector('.number').innerText, missed: found.classList.contains('missed') };
}, title);
const slider = (page, name) => page.$(`[data-name="${name}"] input[type="range"]`);

async function opened(options) {
  const all = await open(browser, address, options);
  await settled(all.page);
  return all;
}

// The page as a person sees it, in both sizes and both schemes.
for (const [name, size] of [['laptop', laptop], ['phone', phone]]) {
  for (const scheme of ['light', 'dark']) {
    test(`renders on a ${name}, ${scheme}`, async () => {
      const { page, problems } = await opened({ size, scheme });
      await page.waitForSelector('#along svg');
      for (const chart of ['#front svg', '#along svg', '#layers svg']) assert.ok(await page.$(chart), chart);
      assert.ok((await page.$$('.dial input[type="range"]')).length > 80);
      assert.equal(await overflow(page), 0);
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(problems, []);
      await picture(page, `explore-${name}-${scheme}`, { fullPage: false });
      await page.close();
    });
  }
}

test('a slider that is dragged changes the numbers', async () => {
  const { page, problems } = await opened();
  const before = await card(page, 'Latency');
  assert.match(before.text, /estimated/);
  assert.match(before.text, /[\d.]+–[\d.]+ \(90\s%\)/);
  const handle = await slider(page, 'dram.bandwidth');
  await handle.scrollIntoView();
  const box = await handle.boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.3, y);
  await page.mouse.down();
  const seen = new Set();
  for (let step = 0; step <= 20; ++step) {
    await page.mouse.move(box.x + box.width * (0.3 + 0.03 * step), y);
    await settled(page);
    seen.add((await card(page, 'Latency')).number);
  }
  await page.mouse.up();
  assert.ok(seen.size >= 3, [...seen].join(', '));
  assert.notEqual((await card(page, 'Latency')).number, before.number);
  assert.notEqual((await card(page, 'Area')).number, '');
  // The curve along that slider is drawn.
  await page.waitForFunction(() => document.querySelector('#along svg')?.getAttribute('aria-label').includes('dram.bandwidth'));
  assert.deepEqual(problems, []);
  await page.close();
});

test('one click simulates and shows the error of the estimate', async () => {
  const { page, problems } = await opened();
  await page.click('#as-given');
  await settled(page);
  const estimated = await card(page, 'Latency');
  await page.click('#simulate');
  await page.waitForFunction(() => document.querySelector('.card .mark').textContent === 'simulated');
  const simulated = await card(page, 'Latency');
  assert.match(simulated.text, /estimated [\d.]+ ms, error/);
  const truth = JSON.parse(lanewise('simulate', 'mobilenet_v2', '--hw', 'ne-256', '--json')).total;
  assert.equal(Number(simulated.number.split(/\s/)[0]), Number(truth.latency_ms.toPrecision(4)));
  const told = JSON.parse(lanewise('estimate', 'mobilenet_v2', '--hw', 'ne-256', '--estimator', model, '--json')).total;
  assert.equal(Number(estimated.number.split(/\s/)[0]), Number(told.latency_ms.toPrecision(4)));
  const notice = await page.$eval('#notices', (element) => element.innerText);
  assert.match(notice, new RegExp(truth.latency_cycles.toLocaleString('en')));
  assert.ok(await page.$('#layers-key'));
  assert.deepEqual(problems, []);
  await picture(page, 'explore-simulated', { fullPage: false });
  await page.close();
});

test('limits are drawn, and designs that miss them are marked', async () => {
  const { page, problems } = await opened();
  await page.type('#limit', 'latency_ms <= 2 ms');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#limits li.missed');
  await page.waitForSelector('.card.missed');
  assert.ok((await card(page, 'Latency')).missed);
  assert.match(await page.$eval('#front svg', (svg) => svg.textContent), /latency_ms <= 2 ms/);
  await page.type('#limit', 'latency');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#limit-error').textContent.includes('latency'));
  problems.splice(0, problems.length, ...problems.filter((line) => !line.includes('400')));  // the answer that the line came with
  await page.$eval('#limit', (input) => { input.value = ''; });
  await picture(page, 'explore-limits', { fullPage: false });
  assert.deepEqual(await violations(page), []);
  await page.click('#limits button');
  await page.waitForFunction(() => document.querySelectorAll('#limits li').length === 0);
  assert.deepEqual(problems, []);
  await page.close();
});

test('what cannot be is refused in its own words', async () => {
  const { page, problems } = await opened();
  for (const [name, value] of [['memory.weight_banks', '4'], ['dram.bandwidth', '51.2 GB/s']]) {
    await page.$eval(`[data-name="${name}"] input.value`, (input, text) => {
      input.value = text;
      input.dispatchEvent(new Event('change'));
    }, value);
  }
  await page.waitForSelector('.notice.refusal');
  assert.match(await page.$eval('.notice.refusal', (element) => element.textContent), /Refused: .*dram\.bandwidth/);
  assert.deepEqual(problems, []);
  await picture(page, 'explore-refused', { fullPage: false });
  await page.close();
});

test('keys that scale together follow', async () => {
  const { page } = await opened();
  await page.click('#as-given');
  await page.click('#follow');
  const handle = await slider(page, 'engine.parallelism_factor');
  await handle.focus();
  await page.keyboard.press('End');
  await page.waitForSelector('[data-name="accumulators.size"].follows');
  await page.click('#follow');
  await page.waitForFunction(() => !document.querySelector('.dial.follows'));
  await page.close();
});

test('a basket is compared, kept over a reload, loaded and saved', async () => {
  const { page, problems } = await opened();
  await page.click('#as-given');
  await settled(page);
  await page.click('#keep');
  await page.waitForFunction(() => document.querySelectorAll('#basket tbody tr').length === 1);
  const handle = await slider(page, 'engine.dot_product_lanes');
  await handle.focus();
  for (let i = 0; i < 3; ++i) await page.keyboard.press('ArrowRight');
  await settled(page);
  await page.click('#keep');
  await page.waitForFunction(() => document.querySelectorAll('#basket tbody tr').length === 2);
  const changed = await page.$eval('#basket tbody tr:nth-child(2) td.text', (cell) => cell.textContent);
  assert.match(changed, /engine\.dot_product_lanes=/);
  assert.equal((await page.$$('#basket .least')).length > 0, true);
  const latency = (await card(page, 'Latency')).number;
  await page.reload({ waitUntil: 'load' });
  await settled(page);
  assert.equal((await page.$$('#basket tbody tr')).length, 2);
  assert.equal((await card(page, 'Latency')).number, latency);
  await page.click('#basket tbody tr:nth-child(1) button');
  await page.waitForFunction(() => document.querySelector('#moved').textContent === 'as given');
  await page.click('#save');
  await page.waitForFunction(() => document.querySelector('#saved').textContent.includes('files in'));
  assert.deepEqual(readdirSync(folder).sort(), ['basket.csv', 'design-1.onnx', 'design-1.yaml', 'design-2.onnx', 'design-2.yaml']);
  const downloads = path.join(work, 'downloads');
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  const session = await page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: downloads });
  await page.click('[aria-label="Download the engine of design 2 as YAML"]');
  for (let i = 0; i < 100 && !existsSync(path.join(downloads, 'design-2.yaml')); ++i) await new Promise((wait) => setTimeout(wait, 100));
  assert.ok(existsSync(path.join(downloads, 'design-2.yaml')));
  assert.deepEqual(await violations(page), []);
  await page.$eval('#basket-section', (element) => element.scrollIntoView());
  await picture(page, 'explore-basket', { fullPage: true });
  await page.setViewport({ ...phone, deviceScaleFactor: 1 });
  await page.waitForFunction(() => document.querySelector('#front svg').getBoundingClientRect().width < 390);
  assert.equal(await overflow(page), 0);
  await picture(page, 'explore-basket-phone', { fullPage: true });
  assert.deepEqual(problems, []);
  await page.close();
});

test('the keyboard is enough', async () => {
  const { page, problems } = await opened();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await page.keyboard.press('Enter');
  // From the sliders' head to the first slider, which the arrows move.
  for (let i = 0; i < 12 && (await page.evaluate(() => document.activeElement.type)) !== 'range'; ++i) await page.keyboard.press('Tab');
  const name = await page.evaluate(() => document.activeElement.closest('.dial').dataset.name);
  const before = await card(page, 'Latency');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector(`[data-name="${name}"].moved`);
  await page.waitForFunction((text) => document.querySelector('.card .number').innerText !== text, {}, before.number);
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-valuetext')), /given/);
  assert.deepEqual(problems, []);
  await page.close();
});

test('another network has its own sliders', async () => {
  const { page, problems } = await opened();
  const genes = await page.$$eval('.genes .dial', (all) => all.map((each) => each.dataset.name));
  await page.select('#network', '1');
  await settled(page);
  const others = await page.$$eval('.genes .dial', (all) => all.map((each) => each.dataset.name));
  assert.notDeepEqual(others, genes);
  await page.type('#filter', 'bandwidth');
  const shown = await page.$$eval('.dial', (all) => all.filter((each) => !each.hidden).map((each) => each.dataset.name));
  assert.ok(shown.includes('dram.bandwidth') && !shown.includes('engine.clock'), shown.join(', '));
  assert.deepEqual(problems, []);
  await page.close();
});

test('without the token the page is refused', async () => {
  const page = await browser.newPage();
  const response = await page.goto(address.replace(/token=.*/, 'token=0'));
  assert.equal(response.status(), 403);
  await page.close();
});
