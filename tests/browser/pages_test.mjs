// SPDX-License-Identifier: Apache-2.0
// The pages of --report in a browser: they are drawn whole, answer to pointer and keyboard, keep to any width, print, and can be used by all.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { lanewise, launch, laptop, look, open, overflow, phone, picture, pictures, violations, work } from './browser.mjs';

const file = (name) => path.join(work, `${name}.html`);
const space = `name: small
network:
  input: {channels: 3, height: 16, width: 16}
  stem: {channels: 8, kernel: 3, stride: 2}
  stages:
    a: {type: [ibn, fused_ibn], expansion: [2, 3], channels: {from: 8, to: 40, step: 4}, repeats: [1, 2, 3]}
  head: {type: classification, classes: 10}
engine: {vary: none}
capacity: {parameters: 0.9, macs: 0.9}
`;
const small = path.join(work, 'small.yaml'),
  store = path.join(work, 'rows.sqlite'),
  model = path.join(work, 'small.lwm');
const make = {
  simulate: () => ['simulate', 'mobilenet_v2', '--hw', 'ne-256', '--sensitivity'],
  sweep: () => [
    'sweep',
    'mobilenet_v2',
    'squeezenet1_1',
    '--hw',
    'ne-256',
    '--vary',
    'engine.parallelism_factor=8,16,32',
    '--vary',
    'dram.bandwidth=3.2 GB/s,6.4 GB/s,12.8 GB/s',
    '--limit',
    'latency_ms<=6',
  ],
  compare: () => ['compare', 'ne-256', 'ne-512', '--model', 'mobilenet_v2'],
  codesign: () => [
    'codesign',
    'mobilenet_v2',
    '--hw',
    'ne-256',
    '--estimator',
    model,
    '--algorithm',
    'nsga2',
    '--population',
    '16',
    '--generations',
    '6',
    '--finalists',
    '2',
    '--rounds',
    '0',
    '--out',
    path.join(work, 'job'),
  ],
  evaluate: () => ['evaluate', model],
  validate: () => ['validate', 'benchmarks/validation/rtl_layers.csv'],
  landscape: () => [
    'landscape',
    small,
    '--hw',
    'ne-256',
    '--designs',
    '6',
    '--walks',
    '2',
    '--walk-steps',
    '10',
    '--descents',
    '3',
    '--seeds',
    '3',
    '--samples',
    '10',
  ],
};
const verbs = Object.keys(make);
let browser;

const data = (html, id) => JSON.parse(new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`, 's').exec(html)[1]);
const answerOf = (verb, id = 'answer') => data(readFileSync(file(verb), 'utf8'), id);

before(async () => {
  // A job goes on from what it finds: this one shall begin anew.
  for (const left of [path.join(work, 'job'), store]) rmSync(left, { recursive: true, force: true });
  writeFileSync(small, space);
  lanewise('measure', 'mobilenet_v2', 'squeezenet1_1', '--hw', 'ne-256', '--rows', '600', '--engines', '12', '--out', store);
  lanewise('train', store, '--out', model, '--trees', '60', '--depth', '5');
  for (const verb of verbs) lanewise(...make[verb](), '--report', file(verb));
  browser = await launch();
});
after(() => browser?.close());

// A figure by its title: how many marks it has, as it says itself or as circles.
const figure = async (page, title) => {
  const handle = await page.evaluateHandle(
    (wanted) => [...document.querySelectorAll('figure')].find((each) => each.querySelector('h3').textContent === wanted) ?? null,
    title,
  );
  assert.ok(handle.asElement(), `no figure '${title}'`);
  // A figure that has just come into the page is drawn with the next frame.
  await page.waitForFunction((each) => each.querySelector('.chart svg'), {}, handle);
  return handle.asElement();
};
const marks = (element) =>
  element.evaluate((each) =>
    Number(each.querySelector('svg[data-marks], [data-marks]')?.dataset.marks ?? each.querySelectorAll('svg circle:not(.cursor)').length),
  );
const click = (element, name) =>
  element.evaluate((each, wanted) => {
    const button = [...each.querySelectorAll('button')].find((one) => one.textContent.startsWith(wanted));
    if (!button) throw new Error(`no button '${wanted}'`);
    button.click();
  }, name);
const choose = (element, label, text) =>
  element.evaluate(
    (each, wanted, value) => {
      const select = [...each.querySelectorAll('label')].find((one) => one.firstChild.textContent === wanted).querySelector('select');
      select.value = [...select.options].find((option) => option.textContent === value).value;
      select.dispatchEvent(new Event('change'));
    },
    label,
    text,
  );
const tip = (element) =>
  element.evaluate((each) => {
    const box = each.querySelector('.tip');
    return box && !box.hidden ? box.innerText : '';
  });
// Puts the keyboard on the drawing and goes some points on.
const walk = async (page, element, keys) => {
  await element.evaluate((each) => each.querySelector('.cursor').focus());
  for (const key of keys) await page.keyboard.press(key);
};

for (const verb of verbs) {
  test(`${verb}: light, dark and on a phone it is sound and can be used by all`, async () => {
    for (const [name, scheme, size] of [
      ['light', 'light', laptop],
      ['dark', 'dark', laptop],
      ['phone', 'light', phone],
      ['phone-dark', 'dark', phone],
    ]) {
      const { page, problems } = await open(browser, file(verb), { scheme, size });
      await page.waitForSelector('html[data-ready]');
      await page.waitForFunction(() => [...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('svg')));
      assert.equal(await page.$eval('h1', (heading) => heading.textContent), answerOf(verb, 'about').title);
      assert.equal(await page.$eval('html', (html) => html.dataset.theme), scheme);
      assert.deepEqual(await violations(page), [], `${verb} ${name}`);
      assert.equal(await overflow(page), 0, `${verb} ${name} is wider than its window`);
      await picture(page, `${verb}-${name}`);
      if (name === 'light') {
        // The tables behind the drawings, made as they are opened.
        await page.$$eval('details.behind', (all) =>
          all.forEach((each) => {
            each.open = true;
          }),
        );
        await page.waitForFunction(() => [...document.querySelectorAll('details.behind')].every((each) => each.querySelector('tbody tr')));
        // Their colours are those of the tables that were looked at already; asking each of thousands of cells takes minutes.
        assert.deepEqual(await violations(page, { without: ['color-contrast'] }), [], `${verb} with its tables`);
        assert.equal(await overflow(page), 0);
      }
      assert.deepEqual(problems, [], `${verb} ${name}`);
      await page.close();
    }
  });

  test(`${verb}: on paper it is light, as wide as a sheet, and without buttons`, async () => {
    const { page, problems } = await open(browser, file(verb), { scheme: 'dark' });
    await look(page, { scheme: 'dark', media: 'print' });
    await page.waitForFunction(() => [...document.querySelectorAll('.chart svg')].every((svg) => svg.viewBox.baseVal.width <= 680));
    assert.equal(await page.$eval('body', (body) => getComputedStyle(body).backgroundColor), 'rgb(255, 255, 255)');
    assert.ok(await page.$$eval('.actions, .controls', (all) => all.every((each) => getComputedStyle(each).display === 'none')));
    await page.pdf({ path: path.join(pictures, `${verb}.pdf`), format: 'A4', printBackground: true });
    assert.ok(statSync(path.join(pictures, `${verb}.pdf`)).size > 20_000);
    await page.setViewport({ width: 794, height: 1123 });
    await picture(page, `${verb}-print`);
    assert.deepEqual(problems, []);
    await page.close();
  });
}

test('simulate: every layer is drawn, hovered, left out, picked by pointer and keyboard', async () => {
  const answer = answerOf('simulate'),
    profile = answerOf('simulate', 'profile')[0],
    memory = answerOf('simulate', 'memory')[0];
  const { page, problems } = await open(browser, file('simulate'));
  const layers = answer.subgraphs;
  assert.equal(await marks(await figure(page, 'The run from beginning to end')), layers.length);
  const bars = await figure(page, 'Layer by layer');
  assert.equal(await marks(bars), layers.length);
  assert.equal(await marks(await figure(page, 'Roofline')), profile.subgraphs.filter((layer) => layer.macs > 0).length);
  assert.equal(await marks(await figure(page, 'Memory map over time')), memory.tensors.filter((tensor) => tensor.first_bank != null).length);
  // The pointer on a bar says which layer it is; a click shows it.
  const svg = await bars.$('.chart svg');
  await svg.evaluate((each) => each.scrollIntoView({ block: 'start', behavior: 'instant' }));
  const box = await svg.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 26 + 8);
  assert.match(await tip(bars), new RegExp(layers[0].name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')));
  await page.mouse.click(box.x + box.width / 2, box.y + 26 + 8);
  assert.ok((await page.$eval('.detail', (detail) => detail.innerText)).includes(layers[0].name));
  // The same by the keyboard, two layers on.
  await walk(page, bars, ['ArrowDown', 'ArrowDown']);
  assert.ok((await bars.$eval('.cursor', (cursor) => cursor.getAttribute('aria-label'))).includes(layers[2].name));
  await page.keyboard.press('Enter');
  assert.ok((await page.$eval('.detail h3', (heading) => heading.textContent)).includes(layers[2].name));
  assert.deepEqual(await violations(page), []);
  // What a resource bounds can be left out.
  const bound = answer.total.bound_by;
  await click(bars, bound === 'dram' ? 'DRAM' : bound.replaceAll('_', ' '));
  assert.equal(await marks(bars), layers.filter((layer) => layer.bound_by !== bound).length);
  await click(bars, 'Most costly first');
  // The study of sensitivities is there, change by change.
  const sensitivity = answer.sensitivity;
  assert.ok(await figure(page, 'Latency saved by each change'));
  assert.ok((await page.$eval('#sensitivity ol', (list) => list.innerText)).includes(sensitivity.best[0].name));
  // Tables sort by their headings.
  const order = () => page.$$eval('#all-layers tbody tr', (rows) => rows.map((row) => Number(row.children[3].textContent.replaceAll(',', ''))));
  await page.evaluate(() => [...document.querySelectorAll('#all-layers th button')][3].click());
  const sorted = await order();
  assert.deepEqual(
    sorted,
    sorted.slice().sort((a, b) => a - b),
  );
  assert.deepEqual(problems, []);
  await page.close();
});

test('the theme is chosen by a button, and the data are saved as they are', async () => {
  const { page, problems } = await open(browser, file('simulate'));
  await page.click('#theme');
  assert.equal(await page.$eval('html', (html) => html.dataset.theme), 'dark');
  assert.equal(await page.$eval('body', (body) => getComputedStyle(body).backgroundColor), 'rgb(16, 22, 29)');
  await page.click('#theme');
  assert.equal(await page.$eval('html', (html) => html.dataset.theme), 'light');
  const saved = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const original = URL.createObjectURL;
        URL.createObjectURL = (blob) => {
          blob.text().then(resolve);
          return original(blob);
        };
        document.getElementById('save').click();
      }),
  );
  assert.deepEqual(JSON.parse(saved), answerOf('simulate'));
  assert.deepEqual(problems, []);
  await page.close();
});

test('sweep: points are rows; they are filtered, walked and picked', async () => {
  const answer = answerOf('sweep');
  const { page, problems } = await open(browser, file('sweep'));
  const front = await figure(page, 'Rows and their front');
  assert.equal(await marks(front), answer.rows.length);
  assert.equal(await front.$$eval('svg circle:not(.cursor)', (all) => all.length), answer.rows.length);
  await click(front, 'squeezenet1_1');
  assert.equal(await marks(front), answer.rows.filter((row) => row.network !== 'squeezenet1_1').length);
  assert.match(await front.$eval('.count', (count) => count.textContent), /^9 of 18/);
  assert.equal(await page.$$eval('#all-rows tbody tr', (rows) => rows.length), 9, 'the table shows what the drawing shows');
  await click(front, 'squeezenet1_1');
  await click(front, 'Only the front');
  assert.equal(await marks(front), answer.rows.filter((row) => row.pareto).length);
  await click(front, 'Only the front');
  await choose(front, 'dram.bandwidth', '6.4 GB/s');
  assert.equal(await marks(front), 6);
  await choose(front, 'dram.bandwidth', 'all');
  await choose(front, 'Horizontal', 'Energy, µJ');
  await click(front, 'Logarithmic');
  await walk(page, front, ['Home']);
  // The first along the axis is the one that takes the least energy.
  const least = answer.rows.reduce((a, b) => (a.energy_uj < b.energy_uj ? a : b));
  assert.ok((await tip(front)).includes(least.network), await tip(front));
  await page.keyboard.press('Enter');
  assert.ok((await page.$eval('.detail', (detail) => detail.innerText)).includes(least.engine_hash));
  assert.equal(await page.$$eval('#all-rows tr.on', (rows) => rows.length), 1);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(problems, []);
  await page.close();
});

test('compare: a pair of bars per layer, and why', async () => {
  const answer = answerOf('compare');
  const { page, problems } = await open(browser, file('compare'));
  const pairs = await figure(page, 'Layer by layer');
  assert.equal(await marks(pairs), answer.subgraphs.length);
  await walk(page, pairs, ['Home', 'Enter']);
  assert.ok((await page.$eval('.detail', (detail) => detail.innerText)).includes(answer.subgraphs[0].why));
  for (const change of answer.engine_changes) assert.ok((await page.$eval('main', (main) => main.innerText)).includes(change));
  assert.deepEqual(problems, []);
  await page.close();
});

test('codesign: candidates, convergence, and what each finalist changed', async () => {
  const answer = answerOf('codesign'),
    history = answerOf('codesign', 'history'),
    finalists = answerOf('codesign', 'finalists');
  const { page, problems } = await open(browser, file('codesign'));
  const candidates = history.trimEnd().split('\n').length - 1 - answer.cannot_run;
  const front = await figure(page, 'Candidates, front and finalists');
  assert.equal(await marks(front), candidates + answer.front + 1);
  await click(front, 'Only the front');
  assert.equal(await marks(front), answer.front + 1);
  await walk(page, front, ['End', 'Enter']);
  assert.match(await page.$eval('.detail h3', (heading) => heading.textContent), /baseline|finalist|front/);
  assert.ok((await marks(await figure(page, 'Hypervolume of the front so far'))) > 1);
  const changed = await page.$('#what-finalists-changed');
  for (let index = 0; index < answer.finalists.length; ++index) {
    if (answer.finalists.length > 1) await choose(changed, 'Finalist', `finalist ${index + 1}`);
    const blocks = await figure(page, `Finalist ${index + 1}, block by block`);
    assert.ok((await marks(blocks)) > 10);
    assert.ok((await blocks.$eval('.note', (note) => note.textContent)).includes('other layers'));
    // All of both networks' time is drawn.
    const drawn = await blocks.$$eval('svg g rect', (all) => all.length);
    assert.equal(drawn, answerOf('codesign', 'baseline').subgraphs.length + finalists[index].subgraphs.length);
  }
  const proven = await figure(page, 'Latency');
  assert.equal(await marks(proven), answer.designs_simulated + 1);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(problems, []);
  await page.close();
});

test('evaluate, validate and landscape: as many marks as there are rows, points and genes', async () => {
  {
    const answer = answerOf('evaluate');
    const { page, problems } = await open(browser, file('evaluate'));
    const families = Object.keys(Object.values(answer.splits)[0].by_family).length;
    const bars = await figure(page, 'Latency by family of layers');
    assert.equal(await bars.$$eval('g[fill] rect, rect', (all) => all.length), families);
    assert.deepEqual(problems, []);
    await page.close();
  }
  {
    const answer = answerOf('validate');
    const { page, problems } = await open(browser, file('validate'));
    const rows = await figure(page, 'Simulated and measured cycles');
    assert.equal(await marks(rows), answer.all.rows);
    await click(rows, 'nvdla-large');
    assert.equal(await marks(rows), answer.all.rows - answer.engines['nvdla-large'].rows);
    await walk(page, rows, ['End']);
    assert.match(await tip(rows), /measured [\d,]+ cycles/);
    assert.deepEqual(problems, []);
    await page.close();
  }
  {
    const answer = answerOf('landscape');
    const { page, problems } = await open(browser, file('landscape'));
    assert.equal(await marks(await figure(page, 'Latency over both axes')), answer.points.length);
    const lines = await figure(page, `Latency by ${answer.x.gene}`);
    assert.equal(await marks(lines), answer.points.filter((point) => !point.failure).length);
    await walk(page, lines, ['ArrowRight']);
    assert.match(await tip(lines), /latency/);
    assert.deepEqual(problems, []);
    await page.close();
  }
});

// A page with other data in it: how pages bear answers that would take long to compute.
const withData = (verb, name, changed) => {
  let html = readFileSync(file(verb), 'utf8');
  for (const [id, value] of Object.entries(changed)) {
    html = html.replace(
      new RegExp(`(<script type="application/json" id="${id}">).*?(</script>)`, 's'),
      (all, begin, end) => begin + JSON.stringify(value).replaceAll('<', '\\u003c') + end,
    );
  }
  writeFileSync(file(name), html);
};
const opened = async (t, name) => {
  const began = Date.now();
  const { page, problems } = await open(browser, file(name));
  await page.waitForFunction(
    () => document.documentElement.dataset.ready && [...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('svg')),
  );
  t.diagnostic(`${name}: drawn after ${Date.now() - began} ms, ${await page.$$eval('*', (all) => all.length)} elements`);
  return { page, problems };
};

test('a sweep of ten thousand rows is drawn by few elements', async (t) => {
  const answer = answerOf('sweep');
  const rows = Array.from({ length: 10_000 }, (none, index) => {
    const row = answer.rows[index % answer.rows.length],
      factor = 1 + (index % 997) / 400;
    return {
      ...row,
      latency_ms: row.latency_ms * factor,
      energy_uj: row.energy_uj * (1 + (index % 613) / 300),
      area_mm2: row.area_mm2 * (1 + (index % 89) / 50),
      pareto: index % 500 === 0,
    };
  });
  withData('sweep', 'many-rows', { answer: { ...answer, rows } });
  const { page, problems } = await opened(t, 'many-rows');
  const front = await figure(page, 'Rows and their front');
  assert.equal(await marks(front), 10_000);
  assert.ok((await page.$$eval('*', (all) => all.length)) < 20_000);
  await click(front, 'Only the front');
  assert.equal(await marks(front), 20);
  await picture(page, 'many-rows', { fullPage: false });
  assert.deepEqual(problems, []);
  await page.close();
});

test('a network of ten thousand layers shows the most costly, and says so', async (t) => {
  const [answer, profile, memory] = [answerOf('simulate'), answerOf('simulate', 'profile')[0], answerOf('simulate', 'memory')[0]];
  const many = (list) => Array.from({ length: 10_000 }, (none, index) => ({ ...list[index % list.length], name: `layer ${index}` }));
  delete answer.sensitivity;
  withData('simulate', 'many-layers', {
    answer: { ...answer, subgraphs: many(answer.subgraphs) },
    profile: [{ ...profile, subgraphs: many(profile.subgraphs) }],
    memory: [{ ...memory, passes: many(memory.passes) }],
  });
  const { page, problems } = await opened(t, 'many-layers');
  assert.equal(await marks(await figure(page, 'The run from beginning to end')), 10_000);
  const bars = await figure(page, 'Layer by layer');
  assert.equal(await marks(bars), 61);
  assert.match(await bars.$eval('.note', (note) => note.textContent), /60 most costly of 10,000/);
  assert.match(await bars.$eval('svg', (svg) => svg.textContent), /9,940 others/);
  assert.equal(await overflow(page), 0);
  await picture(page, 'many-layers', { fullPage: false });
  assert.deepEqual(problems, []);
  await page.close();
});
