// SPDX-License-Identifier: Apache-2.0
// What every page is built of: elements, numbers with their units and sources, the theme, the frame around the views. Each kind of answer has a
// view, a function of its verb's name in `lanewise.views`, which gives the sections of the page.
'use strict';
const lanewise = { views: {} };
(() => {
  const lw = lanewise;

  // The data of that name which the page holds; null where it holds none.
  lw.data = (id) => {
    const element = document.getElementById(id);
    return element ? JSON.parse(element.textContent) : null;
  };

  // An element. Attributes that are functions listen ("onclick"); children are nodes, texts or lists of them; null is none.
  lw.el = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value == null || value === false) continue;
      if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value);
      else if (name === 'style') element.style.cssText = value;
      else element.setAttribute(name, value === true ? '' : value);
    }
    element.append(...children.flat(9).filter((child) => child != null && child !== ''));
    return element;
  };
  const { el } = lw;

  let numbered = 0;
  lw.newId = (what) => `${what}-${++numbered}`;

  // Numbers as people read them. A number that is not there is a dash.
  const known = (value) => value != null && Number.isFinite(value);
  const cache = new Map();
  const digits = (count, least = count) => {
    const key = `${count}/${least}`;
    if (!cache.has(key)) cache.set(key, new Intl.NumberFormat('en-US', { maximumFractionDigits: count, minimumFractionDigits: least }));
    return cache.get(key);
  };
  lw.dash = '–';
  lw.fixed = (value, count = 0) => (known(value) ? digits(count).format(value).replace('-', '−') : lw.dash);
  // Four significant digits at most, without an exponent where a person can do without.
  lw.number = (value) => {
    if (!known(value)) return lw.dash;
    const size = Math.abs(value);
    if (size === 0) return '0';
    if (size < 1e-4 || size >= 1e10) {
      const [digitsOf, power] = value.toExponential(2).split('e');
      return `${digitsOf} × 10${power.replace('+', '').replace(/./g, (digit) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(digit)])}`;
    }
    const decimals = Math.max(0, 3 - Math.floor(Math.log10(size)));
    return digits(Number.isInteger(value) ? 0 : decimals, 0)
      .format(value)
      .replace('-', '−');
  };
  lw.signed = (value, count = 1) => (known(value) ? (value > 0 ? '+' : '') + lw.fixed(value, count) : lw.dash);
  lw.percent = (value, count = 1) => (known(value) ? `${lw.fixed(value, count)} %` : lw.dash);
  lw.bytes = (value) => {
    if (!known(value)) return lw.dash;
    for (const [unit, size] of [
      ['GiB', 2 ** 30],
      ['MiB', 2 ** 20],
      ['KiB', 1024],
    ]) {
      if (value >= size) return `${lw.number(value / size)} ${unit}`;
    }
    return `${lw.fixed(value)} B`;
  };
  // "dot_product_array" as words.
  lw.words = (name) =>
    String(name ?? '')
      .replaceAll('_', ' ')
      .replaceAll('sram', 'SRAM')
      .replaceAll('dram', 'DRAM')
      .replaceAll('dma', 'DMA');
  // The end of a long name tells more than its beginning.
  lw.short = (name, most = 34) => (name.length <= most ? name : `…${name.slice(name.length - most + 1)}`);

  // Every quantity of answers: what it is called, its unit, how it is written.
  const quantity = (title, unit, write = lw.number, more = false) => ({ title, unit, write, more });
  lw.quantities = {
    latency_ms: quantity('Latency', 'ms', (v) => lw.number(v)),
    latency_cycles: quantity('Latency', 'cycles', (v) => lw.fixed(v)),
    inferences_per_second: quantity('Throughput', 'inferences/s', lw.number, true),
    energy_uj: quantity('Energy', 'µJ'),
    edp: quantity('Energy-delay product', 'µJ·ms'),
    average_power_mw: quantity('Average power', 'mW'),
    area_mm2: quantity('Area', 'mm²'),
    utilization: quantity('Array used', '%', (v) => lw.fixed(100 * v, 1), true),
    dram_bytes: quantity('DRAM traffic', 'bytes', (v) => lw.fixed(v)),
    peak_sram_bytes: quantity('On-chip peak', 'bytes', (v) => lw.fixed(v)),
    peak_activation_bytes: quantity('Live activations', 'bytes', (v) => lw.fixed(v)),
    macs: quantity('MACs', '', (v) => lw.fixed(v)),
    macs_per_pixel: quantity('MACs per pixel', '', (v) => lw.number(v)),
    parameters: quantity('Parameters', '', (v) => lw.fixed(v), true),
    parameter_bytes: quantity('Parameters', 'bytes', (v) => lw.fixed(v)),
    accuracy: quantity('Accuracy score', '', lw.number, true),
    hypervolume: quantity('Hypervolume', ''),
    host_share_percent: quantity('Share of the host', '%', (v) => lw.fixed(v, 1)),
  };
  lw.quantity = (name) => lw.quantities[name] ?? quantity(lw.words(name), '');
  lw.titled = (name) => {
    const { title, unit } = lw.quantity(name);
    return unit ? `${title}, ${unit}` : title;
  };
  // "5.376 ms"; "–" where it is not known.
  lw.told = (name, value) => {
    const { unit, write } = lw.quantity(name);
    const text = write(value);
    return text === lw.dash || !unit ? text : `${text} ${unit}`;
  };

  lw.capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  // Where a number comes from, to stand beside it.
  lw.source = (source) => el('span', { class: `mark ${source}` }, source);
  // Of an estimated latency: within what a simulation lies, and how likely.
  lw.interval = (interval) =>
    interval
      ? `${lw.fixed(interval.low_cycles)}–${lw.fixed(interval.high_cycles)} cycles with ${lw.fixed(100 * interval.level)} % probability`
      : null;
  // What an answer says of the error of its estimated numbers.
  lw.errorText = (answer) => {
    if (answer.other_family) return 'error unknown: the estimator was trained on engines of another family';
    const held = answer.unseen_engine_error;
    return held ? `mean error ${lw.fixed(held.mape_percent, 1)} % on ${lw.fixed(held.rows)} subgraphs of engines held out` : 'error not known';
  };

  // Cards of figures: [title, text, unit, source line].
  lw.cards = (rows) =>
    el(
      'dl',
      { class: 'cards' },
      rows
        .filter(Boolean)
        .map(([title, value, unit, source]) =>
          el(
            'div',
            { class: 'card' },
            el('dt', null, title),
            el(
              'dd',
              null,
              el('span', { class: 'value' }, value, unit ? el('span', { class: 'unit' }, ` ${unit}`) : null),
              source ? el('span', { class: 'source' }, source) : null,
            ),
          ),
        ),
    );
  lw.card = (name, value, source) => [lw.quantity(name).title, lw.quantity(name).write(value), lw.quantity(name).unit, source];

  // A section of the page with its heading, which the contents name.
  lw.section = (title, ...children) =>
    el('section', { id: title.toLowerCase().replace(/[^a-z0-9]+/g, '-'), 'data-title': title }, el('h2', null, title), children);

  lw.select = (label, options, value, onchange) => {
    const select = el(
      'select',
      { onchange: (event) => onchange(event.target.value) },
      options.map(([key, text]) => el('option', { value: key, selected: String(key) === String(value) }, text)),
    );
    return el('label', null, label, select);
  };

  lw.theme = (() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    let chosen = null;
    try {
      chosen = localStorage.getItem('lanewise-theme');
    } catch {
      /* a page may be shown where nothing is kept */
    }
    const apply = () => {
      document.documentElement.dataset.theme = chosen ?? (dark.matches ? 'dark' : 'light');
    };
    apply();
    dark.addEventListener('change', apply);
    return {
      button() {
        const button = el('button', {
          type: 'button',
          id: 'theme',
          onclick: () => {
            chosen = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
            try {
              localStorage.setItem('lanewise-theme', chosen);
            } catch {
              /* then it holds for this visit */
            }
            apply();
            say();
          },
        });
        const say = () => {
          button.textContent = document.documentElement.dataset.theme === 'dark' ? 'Light theme' : 'Dark theme';
        };
        dark.addEventListener('change', say);
        say();
        return button;
      },
    };
  })();

  // What is said to those who hear the page.
  lw.say = (text) => {
    let live = document.getElementById('live');
    if (!live) document.body.append((live = el('div', { id: 'live', class: 'hidden-text', role: 'status', 'aria-live': 'polite' })));
    live.textContent = text;
  };

  const save = (name, text) => {
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    el('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };

  // Answers of verbs without a view of their own: what they say, as tables.
  lw.views.other = (answer) => ({ sections: [lw.section('Answer', lw.tree(answer))] });

  document.addEventListener('DOMContentLoaded', () => {
    const about = lw.data('about');
    if (!about) return;
    const answer = lw.data('answer');
    const view = (lw.views[about.verb] ?? lw.views.other)(answer, about);
    const first = Array.isArray(answer) ? answer[0] : answer;
    const main = document.getElementById('page');
    main.before(el('a', { class: 'skip', href: '#page' }, 'Skip to the answer'));
    main.tabIndex = -1;
    main.append(
      el(
        'header',
        { class: 'page' },
        el(
          'div',
          null,
          el('p', { class: 'verb' }, `Lanewise ${about.verb}`),
          el('h1', null, about.title),
          view.lead ? el('p', { class: 'lead' }, view.lead) : null,
        ),
        el(
          'div',
          { class: 'actions' },
          lw.theme.button(),
          el('button', { type: 'button', onclick: () => window.print() }, 'Print'),
          el(
            'button',
            { type: 'button', id: 'save', onclick: () => save(`${about.verb}.json`, document.getElementById('answer').textContent) },
            'Save as JSON',
          ),
        ),
      ),
      view.sections.length > 1
        ? el(
            'nav',
            { class: 'contents', 'aria-label': 'Contents' },
            view.sections.map((section) => el('a', { href: `#${section.id}` }, section.dataset.title)),
          )
        : '',
      ...view.sections,
      el(
        'footer',
        null,
        `Made by Lanewise ${first?.tool_version ?? about.tool_version}. `,
        first?.engine_hash ? ['Engine hash ', el('code', null, first.engine_hash), '. '] : null,
        'This page holds all that it shows: it asks no network for anything. ',
        'Simulated: by the cycle-approximate SystemC model. Estimated: by a regressor trained on simulations; its error stands beside it.',
        el(
          'details',
          null,
          el('summary', null, 'Licences of what this page is drawn with'),
          el('pre', null, document.getElementById('licences')?.textContent ?? ''),
        ),
      ),
    );
    document.documentElement.dataset.ready = 'yes';
  });
})();
