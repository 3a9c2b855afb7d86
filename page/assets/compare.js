// SPDX-License-Identifier: Apache-2.0
// The page of `compare`: two networks or two engines, layer by layer.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;
  const kShown = 60;
  const kTotals = [
    'latency_ms',
    'latency_cycles',
    'energy_uj',
    'average_power_mw',
    'area_mm2',
    'utilization',
    'inferences_per_second',
    'dram_bytes',
    'peak_sram_bytes',
    'peak_activation_bytes',
    'macs',
    'parameters',
    'parameter_bytes',
  ];
  const change = (a, b) => (a ? (100 * (b - a)) / a : null);

  lw.views.compare = (answer) => {
    const { a, b } = answer;
    const estimated = answer.source !== 'simulated';
    const toMs = [a, b].map((side) => side.total.latency_ms / (side.total.latency_cycles || 1));
    const sideName = (side) => `${side.network} on ${side.engine}`;
    const sameNetwork = a.network === b.network;
    const ms = (row, side) => (row.latency_cycles[side] == null ? 0 : row.latency_cycles[side] * toMs[side === 'a' ? 0 : 1]);
    const rows = answer.subgraphs.map((row) => ({
      ...row,
      name: row.a ?? row.b,
      ms_a: row.a == null ? null : ms(row, 'a'),
      ms_b: row.b == null ? null : ms(row, 'b'),
      saved: ms(row, 'a') - ms(row, 'b'),
    }));
    const totals = kTotals.filter((metric) => a.total[metric] != null).map((metric) => ({ metric, a: a.total[metric], b: b.total[metric] }));
    const error = (side) => (estimated ? `estimated, ${lw.interval(side.total.interval) ?? lw.errorText(side)}` : 'simulated');
    const lines = (row) => [
      row.name,
      row.a == null ? 'not in A' : `A: ${lw.number(row.ms_a)} ms, bound by ${lw.words(row.bound_by?.a)}`,
      row.b == null ? 'not in B' : `B: ${lw.number(row.ms_b)} ms, bound by ${lw.words(row.bound_by?.b)}`,
      `saved: ${lw.signed(row.saved, 4)} ms`,
      row.why,
      answer.source,
    ];
    const columns = [
      lw.text('Layer of A', (row) => row.a),
      ...(rows.some((row) => row.a !== row.b) ? [lw.text('Layer of B', (row) => row.b)] : []),
      lw.numbers('A', 'ms', (row) => row.ms_a),
      lw.numbers('B', 'ms', (row) => row.ms_b),
      lw.numbers(
        'Saved',
        'ms',
        (row) => row.saved,
        (v) => lw.signed(v, 4),
      ),
      lw.numbers('A', 'µJ', (row) => row.energy_uj?.a),
      lw.numbers('B', 'µJ', (row) => row.energy_uj?.b),
      lw.text('A bound by', (row) => lw.words(row.bound_by?.a)),
      lw.text('B bound by', (row) => lw.words(row.bound_by?.b)),
      lw.text('Why', (row) => row.why),
      lw.text('What changed', (row) => row.changes?.join('; ')),
    ];
    const place = el('div', { class: 'detail', 'aria-live': 'polite' });
    const pick = (row) =>
      place.replaceChildren(
        el('h3', null, row.name),
        lw.list(
          [
            ['In A', row.a ? `${lw.number(row.ms_a)} ms, ${lw.number(row.energy_uj.a)} µJ, bound by ${lw.words(row.bound_by.a)}` : 'no such layer'],
            ['In B', row.b ? `${lw.number(row.ms_b)} ms, ${lw.number(row.energy_uj.b)} µJ, bound by ${lw.words(row.bound_by.b)}` : 'no such layer'],
            ['Why', row.why],
            ...(row.changes ?? []).map((text) => ['Changed', text]),
          ],
          `${answer.source}, layers alone`,
        ),
      );
    // The layers whose time changed most, in the order in which they run.
    let byCost = false;
    const drawnRows = () => {
      const most = d3.sort(rows, (row) => -Math.max(row.ms_a ?? 0, row.ms_b ?? 0)).slice(0, kShown);
      const set = new Set(most);
      const rest = rows.filter((row) => !set.has(row));
      const shown = byCost ? d3.sort(most, (row) => -Math.abs(row.saved)) : rows.filter((row) => set.has(row));
      return rest.length === 0
        ? shown
        : [
            ...shown,
            {
              name: `${lw.fixed(rest.length)} others`,
              others: true,
              ms_a: d3.sum(rest, (row) => row.ms_a ?? 0),
              ms_b: d3.sum(rest, (row) => row.ms_b ?? 0),
              saved: d3.sum(rest, (row) => row.saved),
              a: '',
              b: '',
            },
          ];
    };
    const order = el(
      'button',
      {
        type: 'button',
        'aria-pressed': 'false',
        onclick: () => {
          byCost = !byCost;
          order.setAttribute('aria-pressed', String(byCost));
          pairs.draw();
        },
      },
      'Largest change first',
    );
    const pairs = lw.figure({
      title: 'Layer by layer',
      note: `Latency of each layer alone, ${answer.source}: A above, B below it. A click shows what changed.${rows.length > kShown ? ` The ${kShown} most costly layers; the others together are the last pair.` : ''}`,
      lines: (row) => (row.others ? [row.name, `A: ${lw.number(row.ms_a)} ms`, `B: ${lw.number(row.ms_b)} ms`] : lines(row)),
      pick: (row) => {
        if (!row.others) pick(row);
      },
      columns,
      rows: () => rows,
      controls: [order],
      legend: lw.legend([
        { text: `A: ${sideName(a)}`, color: 'var(--c0)' },
        { text: `B: ${sideName(b)}`, color: 'var(--c1)' },
      ]),
      draw(width) {
        const drawn = drawnRows();
        const most = width < 520 ? 15 : 40,
          longest = Math.min(most, d3.max(drawn, (row) => row.name.length) ?? 0);
        const bars = drawn.flatMap((row, index) => [
          { index, side: 'a', value: row.ms_a ?? 0 },
          { index, side: 'b', value: row.ms_b ?? 0 },
        ]);
        const ticks = width < 520 ? 3 : 8;
        const svg = lw.plot(width, {
          height: drawn.length * 22 + 70,
          marginLeft: 14 + longest * 6.6,
          marginTop: 26,
          marginRight: 24,
          x: { axis: null, nice: true },
          color: { type: 'identity' },
          y: { domain: d3.range(drawn.length), tickFormat: (index) => lw.short(drawn[index].name, most), tickSize: 0, label: null, padding: 0.2 },
          marks: [
            Plot.axisX({ anchor: 'bottom', label: 'ms', labelAnchor: 'center', ticks }),
            Plot.axisX({ anchor: 'top', label: null, ticks }),
            Plot.gridX({ ticks }),
            Plot.barX(
              bars.filter((bar) => bar.side === 'a'),
              { y: 'index', x: 'value', fill: () => 'var(--c0)', insetBottom: 9 },
            ),
            Plot.barX(
              bars.filter((bar) => bar.side === 'b'),
              { y: 'index', x: 'value', fill: () => 'var(--c1)', insetTop: 9 },
            ),
            Plot.ruleX([0], { stroke: 'var(--muted)' }),
          ],
        });
        svg.setAttribute('data-marks', drawn.length);
        const x = svg.scaleOf('x'),
          y = svg.scaleOf('y');
        return {
          svg,
          near: 'y',
          reach: 12,
          points: drawn.map((row, index) => ({ x: x.apply(Math.max(row.ms_a ?? 0, row.ms_b ?? 0)), y: y.apply(index) + y.bandwidth / 2, row })),
        };
      },
    });
    const relative = totals
      .filter(({ metric, a: before, b: after }) => before && after != null && before !== after && !['latency_cycles'].includes(metric))
      .map(({ metric, a: before, b: after }) => ({
        name: lw.quantity(metric).title,
        value: change(before, after),
        metric,
        before,
        after,
        color: change(before, after) < 0 !== lw.quantity(metric).more ? 'var(--c2)' : 'var(--c1)',
      }));
    return {
      lead: `${answer.source}: ${lw.told('latency_ms', a.total.latency_ms)} against ${lw.told('latency_ms', b.total.latency_ms)} (${lw.signed(change(a.total.latency_ms, b.total.latency_ms))} %)`,
      sections: [
        lw.section(
          'At a glance',
          lw.cards([
            ...['latency_ms', 'energy_uj', 'area_mm2', 'dram_bytes'].flatMap((metric) => [
              [
                `${lw.quantity(metric).title} of A`,
                metric === 'dram_bytes' ? lw.bytes(a.total[metric]) : lw.quantity(metric).write(a.total[metric]),
                metric === 'dram_bytes' ? '' : lw.quantity(metric).unit,
                metric === 'area_mm2' ? 'by the area model' : error(a),
              ],
              [
                `${lw.quantity(metric).title} of B`,
                metric === 'dram_bytes' ? lw.bytes(b.total[metric]) : lw.quantity(metric).write(b.total[metric]),
                metric === 'dram_bytes' ? '' : lw.quantity(metric).unit,
                `${lw.signed(change(a.total[metric], b.total[metric]))} % of A's; ${metric === 'area_mm2' ? 'by the area model' : error(b)}`,
              ],
            ]),
          ]),
          el(
            'div',
            { class: 'pair' },
            relative.length
              ? lw.bars({
                  title: 'B against A',
                  note: `Change in percent of A's value; ${answer.source}.`,
                  data: relative,
                  unit: '% of change',
                  write: (v) => `${lw.signed(v)} %`,
                  lines: (row) => [
                    row.name,
                    `${lw.told(row.metric, row.before)} → ${lw.told(row.metric, row.after)}`,
                    `${lw.signed(row.value)} %, ${answer.source}`,
                  ],
                  columns: [
                    lw.text('Quantity', (row) => row.name),
                    lw.numbers(
                      'Change',
                      '%',
                      (row) => row.value,
                      (v) => lw.signed(v),
                    ),
                  ],
                  rows: () => relative,
                })
              : el('p', null, 'All totals are the same.'),
            el(
              'div',
              null,
              lw.table(
                [
                  lw.text('Total', (row) => lw.titled(row.metric)),
                  lw.numbers('A', '', (row) => row.a, undefined),
                  lw.numbers('B', '', (row) => row.b),
                  lw.numbers(
                    'Change',
                    '%',
                    (row) => change(row.a, row.b),
                    (v) => lw.signed(v),
                  ),
                ].map((column, index) =>
                  index === 1 || index === 2 ? { ...column, text: (row) => lw.quantity(row.metric).write(row[index === 1 ? 'a' : 'b']) } : column,
                ),
                totals,
                { caption: `A: ${sideName(a)}, ${error(a)}; B: ${sideName(b)}, ${error(b)}` },
              ),
              lw.list([
                ['A bound by', lw.words(a.total.bound_by)],
                ['B bound by', lw.words(b.total.bound_by)],
              ]),
            ),
          ),
        ),
        answer.engine_changes.length
          ? lw.section(
              sameNetwork ? 'What differs between the engines' : 'What differs',
              el(
                'ul',
                null,
                answer.engine_changes.map((text) => el('li', null, el('code', null, text))),
              ),
            )
          : null,
        lw.section('Where the difference comes from', pairs, place),
        lw.section('All layers', lw.table(columns, rows, { caption: `Layers in the order of A, ${answer.source}`, pick })),
      ].filter(Boolean),
    };
  };
})();
