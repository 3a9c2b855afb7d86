// SPDX-License-Identifier: Apache-2.0
// Drawings of a network layer by layer: where its time goes and what bounds it, the roofline, the memory map. A layer here is what the engine runs
// as one command, a subgraph.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;
  // Bars that are drawn at most; the other layers are one bar, which says how many they are.
  const kBars = 60;

  // Names of bounds with the share of the cycles that each takes, the largest first.
  lw.boundShares = (layers, cycles) => {
    const whole = d3.sum(layers, cycles) || 1;
    return d3
      .sort(
        d3.rollup(
          layers,
          (some) => d3.sum(some, cycles),
          (layer) => layer.bound_by,
        ),
        ([, sum]) => -sum,
      )
      .map(([name, sum]) => ({ name, sum, share: (100 * sum) / whole }));
  };
  lw.boundLegend = (layers, cycles, options) =>
    lw.legend(
      lw.boundShares(layers, cycles).map(({ name, share }) => ({ name, text: `${lw.words(name)} ${lw.percent(share)}`, color: lw.boundColor(name) })),
      options,
    );

  // All layers one behind the other, as long as they take: the whole network at a glance, however many there are.
  lw.timeStrip = ({ title, note, layers, cycles, toMs, lines, pick, columns }) =>
    lw.figure({
      title,
      note,
      lines,
      pick,
      columns,
      rows: () => layers,
      legend: lw.boundLegend(layers, cycles),
      draw(width) {
        const left = 8,
          right = 14,
          height = 84,
          whole = d3.sum(layers, cycles) || 1;
        const x = d3.scaleLinear([0, whole], [left, width - right]);
        const ms = d3.scaleLinear([0, whole * toMs], x.range());
        const svg = lw.svg('svg', { width, height, viewBox: `0 0 ${width} ${height}` });
        const paths = new Map(),
          points = [];
        let at = 0;
        for (const layer of layers) {
          const from = x(at),
            to = x((at += cycles(layer)));
          const gap = to - from > 3 ? 0.8 : 0;
          paths.set(layer.bound_by, `${paths.get(layer.bound_by) ?? ''}M${from.toFixed(2)},8H${(to - gap).toFixed(2)}V52H${from.toFixed(2)}Z`);
          points.push({ x: (from + to) / 2, y: 30, row: layer });
        }
        const marks = lw.svg('g', { class: 'strip', 'data-marks': layers.length });
        for (const [bound, d] of paths) marks.append(lw.svg('path', { d, fill: lw.boundColor(bound) }));
        const ticks = ms.ticks(width < 520 ? 4 : 8);
        svg.append(
          marks,
          ...ticks.flatMap((tick) => [
            lw.svg('line', { x1: ms(tick), x2: ms(tick), y1: 55, y2: 60, stroke: 'currentColor' }),
            lw.svg(
              'text',
              { x: ms(tick), y: 73, 'text-anchor': tick === 0 ? 'start' : 'middle', fill: 'currentColor' },
              `${lw.number(tick)}${tick === ticks.at(-1) ? ' ms' : ''}`,
            ),
          ]),
        );
        return { svg, points, near: 'x', reach: 1e9 };
      },
    });

  // One bar per layer, coloured by what bounds it. `cost(layer)` in `unit`.
  lw.layerBars = ({ title, note, layers, cost, unit, write = lw.number, lines, pick, columns }) => {
    const off = new Set();
    let byCost = layers.length > kBars;
    const order = el(
      'button',
      {
        type: 'button',
        'aria-pressed': String(byCost),
        onclick: () => {
          byCost = !byCost;
          order.setAttribute('aria-pressed', String(byCost));
          figure.draw();
        },
      },
      'Most costly first',
    );
    const chosen = () => {
      const shown = layers.filter((layer) => !off.has(layer.bound_by));
      const costly = new Set(d3.sort(shown, (layer) => -cost(layer)).slice(0, kBars));
      const rest = shown.filter((layer) => !costly.has(layer));
      const drawn = byCost ? [...costly] : shown.filter((layer) => costly.has(layer));
      return { drawn, rest };
    };
    const figure = lw.figure({
      title,
      pick,
      columns,
      rows: () => layers,
      controls: [order],
      note:
        layers.length > kBars
          ? `${note} Drawn are the ${kBars} most costly of ${lw.fixed(layers.length)}; the others together are the last bar.`
          : note,
      legend: lw.boundLegend(layers, cost, { toggles: off, changed: () => figure.draw(), label: 'What bounds layers; a click leaves them out' }),
      lines: (row) => (row.others ? [row.name, `${write(row.cost)} ${unit} together`] : lines(row)),
      draw(width) {
        const { drawn, rest } = chosen();
        const rows = drawn.map((layer) => ({ layer, name: layer.name, value: cost(layer), color: lw.boundColor(layer.bound_by) }));
        const others = { others: true, name: `${lw.fixed(rest.length)} others`, cost: d3.sum(rest, cost) };
        if (rest.length > 0) rows.push({ layer: others, name: others.name, value: others.cost, color: 'var(--r-other)' });
        const most = width < 520 ? 15 : 40;
        const longest = Math.min(most, d3.max(rows, (row) => row.name.length) ?? 0);
        const svg = lw.plot(width, {
          height: Math.max(1, rows.length) * 17 + 70,
          marginLeft: 14 + longest * 6.6,
          marginTop: 26,
          marginRight: 64,
          x: { axis: null, nice: true },
          y: { domain: d3.range(rows.length), tickFormat: (index) => lw.short(rows[index].name, most), tickSize: 0, label: null, padding: 0.18 },
          color: { type: 'identity' },
          marks: [
            Plot.axisX({ anchor: 'bottom', label: unit, labelAnchor: 'center', ticks: width < 520 ? 3 : 8 }),
            Plot.axisX({ anchor: 'top', label: null, ticks: width < 520 ? 3 : 8 }),
            Plot.gridX({ ticks: width < 520 ? 3 : 8 }),
            Plot.barX(rows, { y: (row, index) => index, x: 'value', fill: 'color' }),
            Plot.text(rows, {
              y: (row, index) => index,
              x: 'value',
              text: (row) => write(row.value),
              textAnchor: 'start',
              dx: 4,
              fontSize: 10.5,
              fill: 'var(--text)',
            }),
            Plot.ruleX([0], { stroke: 'var(--muted)' }),
          ],
        });
        svg.setAttribute('data-marks', rows.length);
        const x = svg.scaleOf('x'),
          y = svg.scaleOf('y');
        return {
          svg,
          near: 'y',
          reach: 10,
          points: rows.map((row, index) => ({ x: x.apply(row.value), y: y.apply(index) + y.bandwidth / 2, row: row.layer })),
        };
      },
    });
    return figure;
  };

  // The roofline of a profile: what no schedule can exceed, the ceilings below it, and where the layers lie.
  lw.roofline = ({ profile, layers, lines, pick, columns }) => {
    const { peak_macs_per_cycle: peak, dram_bytes_per_cycle: bandwidth } = profile;
    const placed = profile.subgraphs.map((point, index) => ({ ...point, layer: layers[index] })).filter((point) => point.macs > 0);
    if (!(bandwidth > 0) || placed.length === 0) return null;
    const intensities = placed.map((point) => point.macs_per_dram_byte).filter((v) => v > 0);
    const ridge = profile.ridge_macs_per_dram_byte;
    const low = Math.min(ridge / 4, d3.min(intensities) ?? ridge) / 1.6,
      high = Math.max(ridge * 4, d3.max(intensities) ?? ridge) * 1.8;
    const bottom =
      Math.min(
        d3.min(placed, (point) => point.macs_per_cycle),
        peak / 20,
      ) / 1.6;
    const whole = profile.total.latency_cycles || 1;
    const roof = (intensity) => Math.min(peak, intensity * bandwidth);
    const ceilings = profile.ceilings.filter((ceiling) => ceiling.latency_percent >= 1 && !['peak', 'dram'].includes(ceiling.name));
    const at = (point) => point.macs_per_dram_byte ?? high / 1.2;
    return lw.figure({
      title: 'Roofline',
      lines: (point) =>
        point.layer
          ? [
              ...lines(point.layer).slice(0, 2),
              `${lw.number(point.macs_per_cycle)} MACs/cycle at ${
                point.macs_per_dram_byte ? `${lw.number(point.macs_per_dram_byte)} MACs/DRAM byte` : 'no DRAM traffic'
              }`,
              `${lw.percent(point.percent_of_roofline)} of the roofline`,
              point.ceiling ? `ceiling: ${lw.words(point.ceiling)}` : null,
            ]
          : [point.name, `whole network: ${lw.number(point.macs_per_cycle)} MACs/cycle`, `${lw.percent(point.percent_of_roofline)} of the roofline`],
      pick: pick
        ? (point) => {
            if (point.layer) pick(point.layer);
          }
        : null,
      columns,
      rows: () => placed,
      legend: lw.boundLegend(
        placed.map((point) => point.layer),
        (layer) => layer.latency_cycles,
      ),
      note:
        `At an intensity of I MACs per DRAM byte no schedule exceeds min(${lw.number(peak)}, I × ${lw.number(bandwidth)}) MACs per cycle. Larger points take more of the latency; ` +
        'the ring is the whole network; layers without DRAM traffic lie at the right edge; dashed: ceilings of layers below the roof.',
      draw(width) {
        const roofPoints = [low, ridge, high].map((x) => ({ x, y: roof(x) }));
        const svg = lw.plot(width, {
          height: Math.round(Math.min(500, Math.max(320, width * 0.5))),
          marginTop: 24,
          marginRight: 22,
          x: {
            type: 'log',
            domain: [low, high],
            label: 'MACs per DRAM byte',
            labelAnchor: 'center',
            grid: true,
            tickFormat: (v) => (/^1(e|0|$|\.?$)/.test(String(v)) || v < 1 ? lw.number(v) : ''),
            ticks: width < 520 ? 4 : 8,
          },
          y: {
            type: 'log',
            domain: [bottom, peak * 1.9],
            label: 'MACs per cycle',
            labelAnchor: 'center',
            grid: true,
            tickFormat: (v) => lw.number(v),
            ticks: 6,
          },
          r: { range: [2.5, width < 520 ? 11 : 17], domain: [0, d3.max(placed, (point) => point.latency_cycles) || 1] },
          color: { type: 'identity' },
          clip: true,
          marks: [
            ...ceilings.map((ceiling) =>
              Plot.line(
                [
                  [Math.max(low, ceiling.macs_per_cycle / bandwidth), ceiling.macs_per_cycle],
                  [high, ceiling.macs_per_cycle],
                ],
                { stroke: 'var(--muted)', strokeDasharray: '4,4' },
              ),
            ),
            Plot.text(ceilings, {
              x: () => high,
              y: 'macs_per_cycle',
              text: (ceiling) => `${lw.words(ceiling.name)} (${lw.words(ceiling.family)})`,
              textAnchor: 'end',
              dy: 9,
              dx: -2,
              fontSize: 11,
              fill: 'var(--muted)',
            }),
            Plot.line(roofPoints, { x: 'x', y: 'y', stroke: 'var(--text)', strokeWidth: 2 }),
            Plot.text([{ x: high, y: peak }], {
              x: 'x',
              y: 'y',
              text: () => `peak ${lw.number(peak)}`,
              textAnchor: 'end',
              dy: -9,
              fill: 'var(--text)',
            }),
            Plot.dot(placed, {
              x: at,
              y: 'macs_per_cycle',
              r: 'latency_cycles',
              fill: (point) => lw.boundColor(point.layer.bound_by),
              fillOpacity: 0.75,
              stroke: 'var(--ground)',
              strokeWidth: 0.8,
            }),
            Plot.dot([profile.total], { x: at, y: 'macs_per_cycle', r: { value: () => 9, scale: null }, stroke: 'var(--text)', strokeWidth: 3 }),
          ],
        });
        svg.setAttribute('data-marks', placed.length);
        const x = svg.scaleOf('x'),
          y = svg.scaleOf('y');
        return { svg, points: [...placed, profile.total].map((row) => ({ x: x.apply(at(row)), y: y.apply(row.macs_per_cycle), row })) };
      },
    });
  };

  // Which tensor lies in which banks while which layer runs.
  lw.memoryMap = ({ memory, layers, cycles, toMs }) => {
    const kept = memory.tensors.filter((tensor) => tensor.first_bank != null);
    const banks = memory.activation_banks;
    const starts = [0];
    for (const layer of layers) starts.push(starts.at(-1) + cycles(layer));
    const from = (tensor) => starts[tensor.first_pass],
      to = (tensor) => starts[Math.min(layers.length, tensor.last_pass + 1)];
    const columns = [
      lw.text('Tensor', (tensor) => tensor.name),
      lw.numbers(
        'Size',
        'bytes',
        (tensor) => tensor.bytes,
        (v) => lw.fixed(v),
      ),
      lw.numbers('Banks', '', (tensor) => tensor.banks),
      lw.numbers('From layer', '', (tensor) => tensor.first_pass),
      lw.numbers('To layer', '', (tensor) => tensor.last_pass),
      lw.text('Place', (tensor) => tensor.place),
      lw.numbers(
        'DRAM traffic saved',
        'bytes',
        (tensor) => tensor.saved_dram_bytes,
        (v) => lw.fixed(v),
      ),
    ];
    return lw.figure({
      title: 'Memory map over time',
      columns,
      rows: () => memory.tensors,
      note:
        `${lw.fixed(banks)} activation banks of ${lw.bytes(memory.bank_size_bytes)}. Blocks are tensors that stay on chip between layers; hatched from the top are the banks that the running ` +
        'layer streams through; what is blank is free. Tensors that spill to DRAM stand in the table with the reason.',
      legend: lw.legend([
        { text: 'tensor kept on chip', color: 'var(--c0)' },
        { text: 'buffers of a cascade', color: 'var(--c5)' },
        { text: 'streamed through', color: 'var(--c9)' },
      ]),
      lines: (tensor) => [
        tensor.name,
        `${lw.bytes(tensor.bytes)} in ${lw.fixed(tensor.banks)} banks from ${tensor.first_bank}`,
        `from layer ${tensor.first_pass} to ${tensor.last_pass}`,
        `saves ${lw.bytes(tensor.saved_dram_bytes)} of DRAM traffic`,
      ],
      draw(width) {
        const left = 46,
          right = 14,
          top = 8,
          height = Math.max(170, Math.min(360, banks * 9));
        const x = d3.scaleLinear([0, starts.at(-1) || 1], [left, width - right]),
          y = d3.scaleLinear([0, banks], [top + height, top]);
        const svg = lw.svg('svg', { width, height: height + 62, viewBox: `0 0 ${width} ${height + 62}` });
        const id = lw.newId('hatch');
        svg.append(
          lw.svg(
            'defs',
            null,
            lw.svg(
              'pattern',
              { id, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
              lw.svg('rect', { width: 6, height: 6, fill: 'var(--c9)', 'fill-opacity': 0.16 }),
              lw.svg('line', { x1: 0, y1: 0, x2: 0, y2: 6, stroke: 'var(--c9)', 'stroke-width': 1.6 }),
            ),
          ),
        );
        let streamed = '',
          striped = '';
        memory.passes.forEach((pass, index) => {
          if (index + 1 >= starts.length) return;
          const rect = (low, high) =>
            `M${x(starts[index]).toFixed(2)},${y(high).toFixed(2)}H${x(starts[index + 1]).toFixed(2)}V${y(low).toFixed(2)}H${x(starts[index]).toFixed(2)}Z`;
          const streaming = banks - pass.streaming_banks;
          if (pass.streaming_banks > 0) streamed += rect(streaming, banks);
          if (pass.striped_banks > 0) striped += rect(streaming - pass.striped_banks, streaming);
        });
        const blocks = lw.svg('g', { 'data-marks': kept.length });
        kept.forEach((tensor, index) =>
          blocks.append(
            lw.svg('rect', {
              x: x(from(tensor)),
              y: y(tensor.first_bank + tensor.banks),
              width: Math.max(1, x(to(tensor)) - x(from(tensor))),
              height: y(0) - y(tensor.banks),
              fill: 'var(--c0)',
              'fill-opacity': index % 2 ? 0.62 : 0.9,
              stroke: 'var(--ground)',
            }),
          ),
        );
        const ms = d3.scaleLinear([0, (starts.at(-1) || 1) * toMs], x.range());
        const ticks = ms.ticks(width < 520 ? 4 : 8);
        svg.append(
          lw.svg('rect', { x: left, y: top, width: width - left - right, height, fill: 'none', stroke: 'var(--line)' }),
          lw.svg('path', { d: streamed, fill: `url(#${id})` }),
          lw.svg('path', { d: striped, fill: 'var(--c5)', 'fill-opacity': 0.8 }),
          blocks,
          ...y.ticks(5).map((tick) => lw.svg('text', { x: left - 7, y: y(tick) + 4, 'text-anchor': 'end', fill: 'currentColor' }, lw.fixed(tick))),
          lw.svg(
            'text',
            { x: 12, y: top + height / 2, transform: `rotate(-90 12 ${top + height / 2})`, 'text-anchor': 'middle', fill: 'currentColor' },
            'bank',
          ),
          ...ticks.map((tick) =>
            lw.svg('text', { x: ms(tick), y: top + height + 18, 'text-anchor': 'middle', fill: 'currentColor' }, lw.number(tick)),
          ),
          lw.svg(
            'text',
            { x: (left + width - right) / 2, y: top + height + 40, 'text-anchor': 'middle', fill: 'currentColor' },
            'time, ms (simulated)',
          ),
        );
        return {
          svg,
          points: kept.map((tensor) => ({ x: (x(from(tensor)) + x(to(tensor))) / 2, y: y(tensor.first_bank + tensor.banks / 2), row: tensor })),
          reach: 60,
        };
      },
    });
  };

  // What units did, as shares of the cycles: [{unit, busy, stalled: {cause: cycles}, idle}].
  lw.unitBars = ({ title, note, units }) => {
    const parts = units.flatMap(({ unit, busy, stalled, idle }) => {
      const waits = Object.entries(stalled).map(([cause, cycles]) => ({ cause: `waits for ${lw.words(cause)}`, cycles, kind: 'waits' }));
      const whole = busy + idle + d3.sum(waits, (part) => part.cycles) || 1;
      return [{ cause: 'busy', cycles: busy, kind: 'busy' }, ...d3.sort(waits, (part) => -part.cycles), { cause: 'idle', cycles: idle, kind: 'idle' }]
        .filter((part) => part.cycles > 0)
        .map((part) => ({ ...part, unit, share: (100 * part.cycles) / whole }));
    });
    const fill = { busy: 'var(--c2)', waits: 'var(--c1)', idle: 'var(--line)' };
    return lw.figure({
      title,
      note,
      rows: () => parts,
      columns: [
        lw.text('Unit', (part) => lw.words(part.unit)),
        lw.text('What', (part) => part.cause),
        lw.numbers(
          'Time',
          'cycles',
          (part) => part.cycles,
          (v) => lw.fixed(v),
        ),
        lw.numbers(
          'Share',
          '%',
          (part) => part.share,
          (v) => lw.fixed(v, 1),
        ),
      ],
      legend: lw.legend([
        { text: 'busy', color: fill.busy },
        { text: 'waits for another unit', color: fill.waits },
        { text: 'idle', color: fill.idle },
      ]),
      lines: (part) => [lw.words(part.unit), `${part.cause}: ${lw.percent(part.share)}`, `${lw.fixed(part.cycles)} cycles, simulated`],
      draw(width) {
        const names = units.map(({ unit }) => unit);
        const svg = lw.plot(width, {
          height: names.length * 26 + 54,
          marginLeft: width < 520 ? 112 : 150,
          marginTop: 4,
          x: { domain: [0, 100], label: '% of the cycles', labelAnchor: 'center', ticks: width < 520 ? 3 : 6 },
          y: { domain: names, tickFormat: (name) => lw.short(lw.words(name), width < 520 ? 16 : 22), tickSize: 0, label: null, padding: 0.2 },
          color: { type: 'identity' },
          marks: [Plot.barX(parts, Plot.stackX({ y: 'unit', x: 'share', order: null, fill: (part) => fill[part.kind], inset: 0.4 }))],
        });
        const x = svg.scaleOf('x'),
          y = svg.scaleOf('y');
        const sums = new Map();
        return {
          svg,
          reach: 40,
          points: parts.map((part) => {
            const before = sums.get(part.unit) ?? 0;
            sums.set(part.unit, before + part.share);
            return { x: x.apply(before + part.share / 2), y: y.apply(part.unit) + y.bandwidth / 2, row: part };
          }),
        };
      },
    });
  };
})();
