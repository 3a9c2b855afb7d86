// SPDX-License-Identifier: Apache-2.0
// The page of `sweep`: engines and networks as points, their front, what each varied key does.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;
  const kMetrics = [
    'latency_ms',
    'energy_uj',
    'area_mm2',
    'average_power_mw',
    'edp',
    'inferences_per_second',
    'utilization',
    'dram_bytes',
    'peak_sram_bytes',
    'macs',
    'parameters',
    'parameter_bytes',
    'peak_activation_bytes',
    'macs_per_pixel',
    'latency_cycles',
  ];

  // What a varied key does to a quantity: every row at its value, and the median of each value.
  const effect = (key, rows, metric, lines) => {
    const values = [...new Set(rows.map((row) => row.settings[key]))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const networks = [...new Set(rows.map((row) => row.network))];
    const medians = [
      ...d3.rollup(
        rows,
        (some) => d3.median(some, (row) => row[metric]),
        (row) => row.network,
        (row) => row.settings[key],
      ),
    ].flatMap(([network, inner]) => values.filter((value) => inner.has(value)).map((value) => ({ network, value, median: inner.get(value) })));
    const color = (network) => lw.color(networks.indexOf(network));
    return lw.figure({
      title: `${lw.quantity(metric).title} by ${key}`,
      note: 'Every row at its value; the line goes through the medians over the other keys.',
      lines,
      legend: networks.length > 1 ? lw.legend(networks.map((name) => ({ text: name, color: color(name) }))) : null,
      columns: [
        lw.text('Network', (row) => row.network),
        lw.text(key, (row) => row.value),
        lw.numbers(`Median ${lw.quantity(metric).title.toLowerCase()}`, lw.quantity(metric).unit, (row) => row.median),
      ],
      rows: () => medians,
      draw(width) {
        const svg = lw.plot(width, {
          height: 260,
          marginLeft: 62,
          x: {
            type: 'point',
            domain: values,
            label: key,
            labelAnchor: 'center',
            padding: 0.4,
            tickFormat: (value) => lw.short(value, Math.max(5, Math.floor(width / values.length / 7.5))),
          },
          y: { label: lw.titled(metric), labelAnchor: 'center', grid: true, nice: true, zero: true, ticks: 5 },
          color: { type: 'identity' },
          marks: [
            Plot.dot(rows, { x: (row) => row.settings[key], y: metric, r: 2.6, fill: (row) => color(row.network), fillOpacity: 0.55 }),
            Plot.line(medians, { x: 'value', y: 'median', z: 'network', stroke: (row) => color(row.network), strokeWidth: 2 }),
          ],
        });
        const x = svg.scaleOf('x'),
          y = svg.scaleOf('y');
        return { svg, points: rows.map((row) => ({ x: x.apply(row.settings[key]), y: y.apply(row[metric]), row })) };
      },
    });
  };

  lw.views.sweep = (answer) => {
    const all = answer.rows.map((row, number) => ({ ...row, number }));
    const rows = all.filter((row) => !row.failure),
      failed = all.filter((row) => row.failure);
    const estimated = answer.source !== 'simulated';
    const keys = [...new Set(all.flatMap((row) => Object.keys(row.settings)))];
    const several = new Set(all.map((row) => row.network)).size > 1;
    const settings = (row) => keys.map((key) => `${key}=${row.settings[key]}`).join(', ');
    const name = (row) => [several || keys.length === 0 ? row.network : null, settings(row)].filter(Boolean).join(': ');
    const error = (row) =>
      !estimated
        ? 'simulated'
        : [`estimated, ${lw.interval(row.interval) ?? lw.errorText(answer)}`, row.in_range === false ? 'out of range of the training data' : '']
            .filter(Boolean)
            .join('; ');
    const metrics = kMetrics.filter((metric) => rows.some((row) => Number.isFinite(row[metric])));
    const wished = answer.objectives.filter((metric) => metrics.includes(metric));
    const shownFirst = [...new Set([...wished, 'latency_ms', 'energy_uj', 'area_mm2'])].filter((metric) => metrics.includes(metric));
    const columns = [
      ...(several || keys.length === 0 ? [lw.text('Network', (row) => row.network)] : []),
      ...keys.map((key) => lw.text(key, (row) => row.settings[key])),
      ...[...new Set([...shownFirst, 'average_power_mw', 'utilization', 'dram_bytes', 'peak_sram_bytes'])].map((metric) => lw.column(metric)),
      lw.text('Bound by', (row) => lw.words(row.bound_by)),
      lw.text('Pareto', (row) => (row.pareto ? 'yes' : 'no')),
      ...(answer.limits ? [lw.text('Keeps limits', (row) => (row.limits_met === false ? 'no' : 'yes'))] : []),
      lw.text('Source and error', error),
    ];
    const lines = (row) => [
      name(row),
      ...shownFirst.map((metric) => `${lw.quantity(metric).title} ${lw.told(metric, row[metric])}`),
      `bound by ${lw.words(row.bound_by)}`,
      row.pareto ? 'Pareto-optimal' : null,
      row.limits_met === false ? 'misses a limit' : null,
      error(row),
    ];
    const place = el('div', { class: 'detail', 'aria-live': 'polite' });
    const table = lw.table(columns, rows, { caption: `Rows of the sweep, ${answer.source}`, pick: (row) => pick(row) });
    const pick = (row) => {
      table.mark(row);
      place.replaceChildren(
        el('h3', null, name(row)),
        lw.list(
          [
            ...metrics.map((metric) => [lw.titled(metric), lw.quantity(metric).write(row[metric])]),
            ['Bound by', lw.words(row.bound_by)],
            ['Pareto-optimal', row.pareto ? 'yes' : 'no'],
            ['Source and error', error(row)],
            ['Engine hash', row.engine_hash],
            [
              'Keys that follow',
              Object.entries(row.followers ?? {})
                .map((entry) => entry.join('='))
                .join(', '),
            ],
            ['Rules of scale', row.warnings?.join('; ')],
          ],
          'The row that was picked',
        ),
      );
    };
    const groups = [
      ...(several ? [{ name: 'network', title: 'network', of: (row) => row.network }] : []),
      ...keys.map((key) => ({ name: key, title: key, of: (row) => row.settings[key], number: true })),
      { name: 'bound_by', title: 'what bounds it', of: (row) => lw.words(row.bound_by) },
    ];
    const limits = (answer.limits ?? []).flatMap((text) => {
      const match = /^([a-z0-9_]+)([<>]=)([0-9.e+-]+)$/.exec(text.replaceAll(' ', ''));
      return match ? [{ metric: match[1], bound: Number(match[3]), text }] : [];
    });
    const overrides = Object.entries(answer.engine_overrides ?? {}).map((entry) => entry.join('='));
    // Of estimated latencies the interval, where an axis has them and rows are few enough to tell them apart.
    const intervals = ({ x, y, shown }) => {
      const some = shown.filter((row) => row.interval);
      if (some.length === 0 || some.length > 300 || (x !== 'latency_ms' && y !== 'latency_ms')) return [];
      const end = (key) => (row) => (row.latency_ms * row.interval[key]) / row.latency_cycles;
      const style = { stroke: 'var(--muted)', strokeWidth: 1.4 };
      return y === 'latency_ms'
        ? [Plot.ruleX(some, { x, y1: end('low_cycles'), y2: end('high_cycles'), ...style })]
        : [Plot.ruleY(some, { y, x1: end('low_cycles'), x2: end('high_cycles'), ...style })];
    };
    const best = shownFirst.map((metric) => {
      const row = d3.least(rows, (each) => (lw.quantity(metric).more ? -each[metric] : each[metric]));
      return row
        ? [
            `Best ${lw.quantity(metric).title.toLowerCase()}`,
            lw.quantity(metric).write(row[metric]),
            lw.quantity(metric).unit,
            `${name(row)}; ${answer.source}`,
          ]
        : null;
    });
    const sections = [
      lw.section(
        'At a glance',
        lw.cards([
          ['Rows', lw.fixed(all.length), '', failed.length ? `${lw.fixed(failed.length)} cannot run` : 'all run'],
          [
            'On the front',
            lw.fixed(d3.sum(rows, (row) => (row.pareto ? 1 : 0))),
            '',
            `by ${answer.objectives.map((metric) => lw.quantity(metric).title.toLowerCase()).join(', ')}`,
          ],
          ...best,
        ]),
        estimated ? el('p', { class: 'notice' }, `Estimated: ${lw.errorText(answer)}.`) : null,
        answer.free_keys.length
          ? el(
              'p',
              { class: 'notice' },
              `Cost neither area nor energy in the model, so that more of them looks free: ${answer.free_keys.join(', ')}.`,
            )
          : null,
        answer.rows_left_out ? el('p', { class: 'notice' }, `${lw.fixed(answer.rows_left_out)} further rows were left out by --top.`) : null,
        overrides.length ? el('p', null, 'Around ', el('code', null, answer.engine), ' with ', el('code', null, overrides.join(', '))) : null,
      ),
    ];
    if (rows.length > 0) {
      const x = shownFirst.includes('area_mm2') && new Set(rows.map((row) => row.area_mm2)).size > 1 ? 'area_mm2' : 'latency_ms';
      const y = x === 'area_mm2' ? 'latency_ms' : 'energy_uj';
      sections.push(
        lw.section(
          'The front',
          lw.front({
            title: 'Rows and their front',
            note: `One point per row, ${answer.source}. A click shows the row below.`,
            rows,
            metrics,
            value: (row, metric) => row[metric],
            x,
            y,
            groups,
            front: (row) => row.pareto,
            hollow: (row) => row.limits_met === false,
            lines,
            columns,
            pick,
            limits,
            counts: (row) => row.limits_met !== false,
            apart: (row) => row.network,
            marks: intervals,
            filters: keys
              .filter((key) => new Set(rows.map((row) => row.settings[key])).size > 1)
              .map((key) => ({ title: key, of: (row) => row.settings[key] })),
            changed: (shown) => table.show(shown),
          }),
          place,
          answer.limits ? el('p', { class: 'muted' }, `Rings: rows that miss a limit (${answer.limits.join(', ')}).`) : null,
        ),
      );
      const varied = keys.filter((key) => {
        const count = new Set(rows.map((row) => row.settings[key])).size;
        return count > 1 && count <= 64;
      });
      if (varied.length > 0) {
        const effects = el('div', { class: 'pair' });
        // Thousands of points at few values say no more than some hundred of them.
        const some = rows.length > 2000 ? rows.filter((row, index) => index % Math.ceil(rows.length / 2000) === 0) : rows;
        const show = (metric) => effects.replaceChildren(...varied.map((key) => effect(key, some, metric, lines)));
        show(wished[0] ?? 'latency_ms');
        sections.push(
          lw.section(
            'What each key does',
            el(
              'div',
              { class: 'controls' },
              lw.select(
                'Quantity',
                metrics.map((metric) => [metric, lw.titled(metric)]),
                wished[0] ?? 'latency_ms',
                show,
              ),
            ),
            some.length < rows.length
              ? el('p', { class: 'muted' }, `Drawn are ${lw.fixed(some.length)} of ${lw.fixed(rows.length)} rows, evenly taken.`)
              : null,
            effects,
          ),
        );
      }
      if (answer.over_networks) {
        const set = answer.over_networks.rows
          .filter((row) => !row.failure)
          .map((row) => ({ ...row, latency_ms: row.mean_latency_ms, energy_uj: row.mean_energy_uj }));
        const setColumns = [
          ...keys.map((key) => lw.text(key, (row) => row.settings[key])),
          lw.column('latency_ms', undefined, 'Mean latency'),
          lw.column('energy_uj', undefined, 'Mean energy'),
          lw.column('area_mm2'),
          lw.text('Pareto', (row) => (row.pareto ? 'yes' : 'no')),
          lw.text('Source', () => answer.source),
        ];
        sections.push(
          lw.section(
            'Over all networks',
            lw.front({
              title: 'Engines by their geometric means over the networks',
              note: `One point per engine, ${answer.source}.`,
              rows: set,
              metrics: ['latency_ms', 'energy_uj', 'area_mm2'],
              value: (row, metric) => row[metric],
              x: 'area_mm2',
              y: 'latency_ms',
              groups: groups.filter((group) => keys.includes(group.name)).concat(keys.length ? [] : [{ name: 'all', title: 'all', of: () => 'all' }]),
              front: (row) => row.pareto,
              lines: (row) => [
                settings(row),
                lw.told('latency_ms', row.latency_ms),
                lw.told('energy_uj', row.energy_uj),
                lw.told('area_mm2', row.area_mm2),
                `geometric means, ${answer.source}`,
              ],
              columns: setColumns,
            }),
          ),
        );
      }
    }
    sections.push(
      lw.section(
        'All rows',
        table,
        failed.length
          ? lw.table([lw.text('Row', name), lw.text('Why it cannot run', (row) => row.failure)], failed, { caption: 'Rows that cannot run' })
          : null,
      ),
    );
    return { lead: `${lw.fixed(all.length)} rows, ${answer.source}`, sections };
  };
})();
