// SPDX-License-Identifier: Apache-2.0
// Figures: a drawing with its title, its legend, what one reads on hovering, a cursor for the keyboard, and the table behind it.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;

  lw.svg = (tag, attributes, ...children) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes ?? {})) if (value != null) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // Colours of what bounds a layer, the same on every page.
  const kBounds = {
    dot_product_array: 'array',
    dot_product_lanes: 'lanes',
    depthwise_lanes: 'depthwise',
    weight_load: 'weights',
    weight_decoder: 'decoder',
    dram: 'dram',
    dram_latency: 'latency',
    onchip_memory: 'memory',
    onchip_bandwidth: 'bandwidth',
    post_processor: 'post',
    accumulators: 'accumulators',
    unpacking: 'unpacking',
    command_processor: 'command',
    dma_setup: 'dma',
    pipeline_latency: 'pipeline',
    host: 'host',
  };
  lw.boundColor = (name) => `var(--r-${kBounds[name] ?? 'other'})`;
  lw.color = (index) => `var(--c${index % 10})`;

  const paper = window.matchMedia('print');
  const figures = new Set();
  // As wide as a sheet: text of a drawing that is merely shrunk could not be read.
  const kPaper = 680;
  const redraw = (width) => {
    for (const figure of figures) figure.draw(width);
  };
  paper.addEventListener('change', () => redraw(paper.matches ? kPaper : null));
  window.addEventListener('beforeprint', () => redraw(kPaper));
  window.addEventListener('afterprint', () => redraw(null));

  // The point that is meant by a place in the drawing: the nearest within `reach`, along one axis where `near` says so.
  const finder = (points, near, reach) => {
    if (points.length === 0) return () => -1;
    if (near === 'xy') {
      const delaunay = d3.Delaunay.from(
        points,
        (point) => point.x,
        (point) => point.y,
      );
      return (x, y) => {
        const index = delaunay.find(x, y);
        return Math.hypot(points[index].x - x, points[index].y - y) <= reach ? index : -1;
      };
    }
    return (x, y) => {
      const index = d3.leastIndex(points, (a, b) => Math.abs(a[near] - (near === 'x' ? x : y)) - Math.abs(b[near] - (near === 'x' ? x : y)));
      return Math.abs(points[index][near] - (near === 'x' ? x : y)) <= reach ? index : -1;
    };
  };

  // Makes the points of a drawing answer to a pointer and to the keyboard: one stop of the tabulator, arrows go from point to point.
  const attach = (chart, svg, { points, near = 'xy', reach = 32, lines, pick, title }) => {
    const order = d3.sort(
      d3.range(points.length),
      (i) => (near === 'y' ? points[i].y : points[i].x),
      (i) => (near === 'y' ? points[i].x : points[i].y),
    );
    const find = finder(points, near, reach);
    const box = svg.viewBox.baseVal;
    const tip = el('div', { class: 'tip', 'aria-hidden': 'true' });
    tip.hidden = true;
    const kind = pick ? 'Enter shows more' : '';
    const cursor = lw.svg('circle', {
      class: 'cursor',
      r: 8,
      tabindex: '0',
      role: pick ? 'button' : 'img',
      'aria-label': `${title}: ${lw.fixed(points.length)} points, arrow keys go from one to the next. ${kind}`,
    });
    let at = -1;
    const show = (index, spoken) => {
      at = index;
      if (index < 0) {
        cursor.classList.remove('on');
        tip.hidden = true;
        return;
      }
      const { x, y, row } = points[index];
      const text = lines(row).filter(Boolean);
      cursor.setAttribute('cx', x);
      cursor.setAttribute('cy', y);
      cursor.classList.add('on');
      if (spoken) cursor.setAttribute('aria-label', text.join(', '));
      tip.replaceChildren(el('b', null, text[0]), ...text.slice(1).map((line) => el('div', null, line)));
      tip.hidden = false;
      const scale = svg.getBoundingClientRect().width / box.width;
      const left = Math.min(x * scale + 14, chart.clientWidth - tip.offsetWidth - 4);
      const above = y * scale - tip.offsetHeight - 12;
      tip.style.left = `${Math.max(0, left)}px`;
      tip.style.top = `${above < -30 ? y * scale + 14 : above}px`;
    };
    const under = (event) => {
      const place = svg.getBoundingClientRect();
      return find(
        (event.clientX - place.left) * (box.width / place.width) + box.x,
        (event.clientY - place.top) * (box.height / place.height) + box.y,
      );
    };
    svg.addEventListener('pointermove', (event) => show(under(event)));
    svg.addEventListener('pointerleave', () => {
      if (document.activeElement !== cursor) show(-1);
    });
    svg.addEventListener('click', (event) => {
      const index = under(event);
      if (index >= 0) {
        show(index);
        pick?.(points[index].row);
      }
    });
    cursor.addEventListener('focus', () => show(at >= 0 ? at : (order[0] ?? -1)));
    cursor.addEventListener('blur', () => show(-1));
    cursor.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e9, End: 1e9 }[event.key];
      if (step) {
        const place = Math.max(0, order.indexOf(at)) + step;
        show(order[Math.max(0, Math.min(order.length - 1, place))] ?? -1, true);
        event.preventDefault();
      } else if ((event.key === 'Enter' || event.key === ' ') && at >= 0) {
        pick?.(points[at].row);
        event.preventDefault();
      } else if (event.key === 'Escape') {
        show(-1);
      }
    });
    svg.append(cursor);
    chart.append(tip);
  };

  // `draw(width)` gives {svg, points, near, reach}: a drawing of that width; its points ({x, y, row} in the drawing's own measure) are hovered,
  // walked and picked. `lines(row)`: what a point says, its name first. `columns` and `rows()`: the table behind the drawing. `legend`, `controls`:
  // elements. Gives the figure; `figure.draw()` draws anew.
  lw.figure = ({ title, note, draw, lines = null, pick = null, columns, rows, legend = null, controls = null, id = null }) => {
    const chart = el('div', { class: pick ? 'chart picks' : 'chart' });
    let drawn = 0,
      wanted = null;
    const paint = () => {
      const width = Math.round(wanted ?? Math.max(280, chart.clientWidth));
      drawn = width;
      const { svg, points, near, reach } = draw(width);
      // What a library says of its own parts is of no use to those who hear the page, the table behind it is.
      for (const part of svg.querySelectorAll('[aria-label], [aria-description], [aria-hidden]')) {
        for (const name of ['aria-label', 'aria-description', 'aria-hidden']) part.removeAttribute(name);
      }
      const interactive = points && points.length > 0 && lines;
      svg.setAttribute('role', interactive ? 'group' : 'img');
      svg.setAttribute('aria-label', `${title}. The table of this drawing stands below it.`);
      chart.replaceChildren(svg);
      if (interactive) attach(chart, svg, { points, near, reach, lines, pick, title });
    };
    const figure = el(
      'figure',
      { id },
      el('figcaption', null, el('h3', null, title), note ? el('span', { class: 'note' }, note) : null),
      controls ? el('div', { class: 'controls' }, controls) : null,
      legend,
      chart,
      columns ? lw.behind(columns, rows, title) : null,
    );
    figure.draw = (width) => {
      if (width !== undefined) wanted = width;
      if (chart.isConnected) paint();
    };
    new ResizeObserver(() =>
      requestAnimationFrame(() => {
        if (chart.isConnected && wanted == null && Math.abs(Math.max(280, chart.clientWidth) - drawn) >= 1) paint();
      }),
    ).observe(chart);
    figures.add(figure);
    return figure;
  };

  // What a drawing shares with the others.
  lw.plot = (width, options) => {
    const svg = Plot.plot({
      width,
      marginTop: 14,
      marginRight: 18,
      marginBottom: 42,
      marginLeft: 58,
      ...options,
      style: { background: 'transparent', color: 'var(--text)', overflow: 'visible', fontFamily: 'inherit', ...options.style },
    });
    const found = svg.tagName === 'svg' ? svg : svg.querySelector('svg');
    // Scales go with the drawing: a view asks them where its points lie.
    found.scaleOf = (name) => svg.scale(name);
    return found;
  };

  // Names with a swatch each. `toggles`: a set of the names that are off, changed by a click; then `changed()`.
  lw.legend = (entries, { toggles = null, changed = null, label = 'Legend' } = {}) =>
    el(
      'ul',
      { class: 'legend', 'aria-label': label },
      entries.map(({ name, text, color, ring }) => {
        const inner = () => [el('span', { class: ring ? 'swatch ring' : 'swatch', style: ring ? `color: ${color}` : `background: ${color}` }), text];
        if (!toggles) return el('li', null, inner());
        const button = el(
          'button',
          {
            type: 'button',
            'aria-pressed': String(!toggles.has(name)),
            onclick: () => {
              if (toggles.has(name)) toggles.delete(name);
              else toggles.add(name);
              button.setAttribute('aria-pressed', String(!toggles.has(name)));
              changed();
            },
          },
          inner(),
        );
        return el('li', null, button);
      }),
    );

  // Horizontal bars of named values: [{name, value, color, ...}].
  lw.bars = ({ title, note, data, unit, write = lw.number, lines, columns, rows, legend = null, zero = false, label = null, pick = null }) =>
    lw.figure({
      title,
      note,
      columns,
      rows,
      legend,
      pick,
      lines: lines ?? ((row) => [row.name, `${write(row.value)} ${unit}`]),
      draw(width) {
        const narrow = width < 520;
        const most = narrow ? 17 : 32;
        const longest = Math.min(most, d3.max(data, (row) => row.name.length) ?? 0);
        const step = 21;
        const svg = lw.plot(width, {
          height: data.length * step + 58,
          marginLeft: 16 + longest * 7,
          marginRight: 60,
          marginTop: 6,
          x: {
            label: label ?? unit,
            grid: true,
            nice: true,
            ticks: narrow ? 4 : 8,
            labelAnchor: 'center',
            insetLeft: data.some((row) => row.value < 0) ? 48 : 0,
          },
          y: {
            domain: data.map((row, index) => index),
            tickFormat: (index) => lw.short(data[index].name, most),
            tickSize: 0,
            label: null,
            padding: 0.22,
          },
          marks: [
            Plot.barX(data, { y: (row, index) => index, x: 'value', fill: (row) => row.color ?? 'var(--c0)' }),
            Plot.text(data, {
              y: (row, index) => index,
              x: 'value',
              text: (row) => write(row.value),
              textAnchor: zero ? null : 'start',
              dx: 5,
              fontSize: 11.5,
              fill: 'var(--text)',
              filter: (row) => row.value >= 0,
            }),
            Plot.text(data, {
              y: (row, index) => index,
              x: 'value',
              text: (row) => write(row.value),
              textAnchor: 'end',
              dx: -5,
              fontSize: 11.5,
              fill: 'var(--text)',
              filter: (row) => row.value < 0,
            }),
            Plot.ruleX([0], { stroke: 'var(--muted)' }),
          ],
          color: { type: 'identity' },
        });
        const x = svg.scaleOf('x'),
          y = svg.scaleOf('y');
        return { svg, near: 'y', reach: 12, points: data.map((row, index) => ({ x: x.apply(row.value), y: y.apply(index) + y.bandwidth / 2, row })) };
      },
    });
})();
