// SPDX-License-Identifier: Apache-2.0
// What designs changed of a network, block by block: each block as the time that its layers take, before and after.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;
  const kKinds = {
    convolution: 'var(--c0)',
    depthwise: 'var(--c6)',
    pointwise: 'var(--c8)',
    elementwise: 'var(--c5)',
    pooling: 'var(--c3)',
    matmul: 'var(--c2)',
  };
  const kRow = 50;

  // Blocks of the baseline with the layers of both. A layer that both have belongs to the baseline's block; others to that of the layer before them.
  const pairs = (base, other) => {
    const blocks = [],
      byKey = new Map(),
      ofLayer = new Map();
    const block = (key, title) => {
      if (!byKey.has(key)) {
        byKey.set(key, { key, title, before: [], after: [] });
        blocks.push(byKey.get(key));
      }
      return byKey.get(key);
    };
    for (const layer of base) {
      const key = layer.block || layer.name;
      block(key, key).before.push(layer);
      ofLayer.set(layer.name, key);
    }
    let last = null;
    for (const layer of other) {
      last = ofLayer.get(layer.name) ?? (byKey.has(layer.block) ? layer.block : (last ?? (layer.block || layer.name)));
      block(last, last).after.push(layer);
    }
    return blocks;
  };

  const told = (layers) => layers.map((layer) => `${lw.words(layer.family)} ${lw.number(layer.macs / 1e6)}M`).join(' + ');
  const changed = (pair) => told(pair.before) !== told(pair.after);
  const macs = (layers) => d3.sum(layers, (layer) => layer.macs);

  const drawing = (base, answer, title) => {
    const scaleOf = (totals) => totals.latency_ms / (totals.latency_cycles || 1);
    const ms = [scaleOf(base.total), scaleOf(answer.total)];
    const all = pairs(base.subgraphs, answer.subgraphs).map((pair) => ({
      ...pair,
      changed: changed(pair),
      a: d3.sum(pair.before, (layer) => layer.in_network_cycles) * ms[0],
      b: d3.sum(pair.after, (layer) => layer.in_network_cycles) * ms[1],
    }));
    const most = 60;
    const kept = new Set(d3.sort(all, (pair) => -(pair.changed ? 1e9 : 0) - Math.max(pair.a, pair.b)).slice(0, most));
    const drawn = all.filter((pair) => kept.has(pair));
    const kinds = [...new Set(drawn.flatMap((pair) => [...pair.before, ...pair.after]).map((layer) => layer.family))];
    const color = (family) => kKinds[family] ?? lw.color(kinds.indexOf(family) + 1);
    const what = (pair) => {
      const [before, after] = [macs(pair.before), macs(pair.after)];
      const fewer = pair.after.length !== pair.before.length ? `${pair.before.length} → ${pair.after.length} layers` : null;
      return (
        [fewer, before && before !== after ? `MACs ${lw.signed((100 * (after - before)) / before, 0)} %` : null].filter(Boolean).join(', ') ||
        'other layers'
      );
    };
    return lw.figure({
      title,
      note:
        `${drawn.filter((pair) => pair.changed).length} of ${all.length} blocks have other layers; the others may take another time, as the engine changed or what lies on chip. ` +
        `Top bar: baseline, ${lw.told('latency_ms', base.total.latency_ms)}; lower bar: finalist, ${lw.told('latency_ms', answer.total.latency_ms)}; both simulated.${drawn.length < all.length ? ` The ${most} blocks that changed or cost most.` : ''}`,
      legend: lw.legend(kinds.map((kind) => ({ text: lw.words(kind), color: color(kind) }))),
      lines: (pair) => [
        pair.title,
        `baseline: ${told(pair.before) || 'not there'}`,
        `finalist: ${told(pair.after) || 'not there'}`,
        `${lw.number(pair.a)} → ${lw.number(pair.b)} ms${pair.a ? ` (${lw.signed((100 * (pair.b - pair.a)) / pair.a)} %)` : ''}`,
      ],
      columns: [
        lw.text('Block', (pair) => pair.title),
        lw.text('Baseline', (pair) => told(pair.before)),
        lw.text('Finalist', (pair) => told(pair.after)),
        lw.numbers('Baseline', 'ms', (pair) => pair.a),
        lw.numbers('Finalist', 'ms', (pair) => pair.b),
        lw.text('What changed', (pair) => (pair.changed ? what(pair) : 'layers are the same')),
      ],
      rows: () => all,
      draw(width) {
        const narrow = width < 620;
        const left = narrow ? 8 : 210,
          right = narrow ? 64 : 150,
          lift = narrow ? 16 : 0,
          row = kRow + lift;
        const x = d3.scaleLinear([0, d3.max(drawn, (pair) => Math.max(pair.a, pair.b)) || 1], [left, width - right]);
        const height = drawn.length * row + 44;
        const svg = lw.svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'data-marks': drawn.length });
        const points = [];
        drawn.forEach((pair, index) => {
          const top = index * row + 6 + lift;
          const group = lw.svg('g', { 'fill-opacity': pair.changed ? 1 : 0.42 });
          const bar = (layers, scale, at, height) => {
            let from = 0;
            for (const layer of layers) {
              const to = from + layer.in_network_cycles * scale;
              group.append(
                lw.svg('rect', {
                  x: x(from).toFixed(2),
                  y: at,
                  width: Math.max(0.6, x(to) - x(from) - 0.8).toFixed(2),
                  height,
                  fill: color(layer.family),
                  rx: 1.5,
                }),
              );
              from = to;
            }
          };
          bar(pair.before, ms[0], top + 2, 12);
          bar(pair.after, ms[1], top + 18, 16);
          const end = x(Math.max(pair.a, pair.b)) + 6;
          const title = lw.short(pair.title, narrow ? 40 : 28);
          svg.append(
            group,
            lw.svg(
              'text',
              narrow
                ? { x: left, y: top - 4, fill: 'currentColor', 'font-weight': pair.changed ? 700 : 400 }
                : { x: left - 10, y: top + 16, 'text-anchor': 'end', fill: 'currentColor', 'font-weight': pair.changed ? 700 : 400 },
              title,
            ),
            pair.changed && !narrow ? lw.svg('text', { x: left - 10, y: top + 31, 'text-anchor': 'end', fill: 'var(--muted)' }, what(pair)) : '',
            lw.svg('text', { x: end, y: top + 13, fill: 'var(--muted)' }, `${lw.number(pair.a)} ms`),
            lw.svg('text', { x: end, y: top + 31, fill: 'currentColor' }, `${lw.number(pair.b)} ms`),
          );
          points.push({ x: Math.min(end, width - 20), y: top + 18, row: pair });
        });
        const ticks = x.ticks(narrow ? 3 : 6);
        svg.append(
          ...ticks.map((tick) => lw.svg('text', { x: x(tick), y: height - 24, 'text-anchor': 'middle', fill: 'currentColor' }, lw.number(tick))),
          lw.svg(
            'text',
            { x: (left + width - right) / 2, y: height - 6, 'text-anchor': 'middle', fill: 'currentColor' },
            'time in the network, ms (simulated)',
          ),
        );
        return { svg, points, near: 'y', reach: row / 2 };
      },
    });
  };

  // `base`: answer of `simulate` for the baseline; `answers`: those of the finalists, null or with a failure where there is none; `designs`: finalists of
  // the codesign.
  lw.blocks = (base, answers, designs) => {
    if (!base || base.failure) return el('p', { class: 'notice' }, `The baseline cannot be drawn${base?.failure ? `: ${base.failure}` : '.'}`);
    const place = el('div');
    const show = (index) => {
      const answer = answers[index],
        design = designs[index];
      place.replaceChildren(
        answer?.subgraphs
          ? drawing(base, answer, `Finalist ${Number(index) + 1}, block by block`)
          : el(
              'p',
              { class: 'notice' },
              `Finalist ${Number(index) + 1} cannot be drawn: ${answer?.failure ?? design?.no_network_file ?? 'there is no file of its network'}`,
            ),
      );
    };
    if (designs.length === 0) return el('p', null, 'There is no finalist.');
    show(0);
    return el(
      'div',
      null,
      designs.length > 1
        ? el(
            'div',
            { class: 'controls' },
            lw.select(
              'Finalist',
              designs.map((design, index) => [index, `finalist ${index + 1}`]),
              0,
              show,
            ),
          )
        : null,
      place,
    );
  };
})();
