// SPDX-License-Identifier: Apache-2.0
// The page of `evaluate`: how far an estimator's predictions are from simulations that it was not trained on.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;
  const kParts = [
    ['', 'latency, by the estimator', 'var(--c0)'],
    ['weighted', 'latency, weighted by occurrence', 'var(--c0)'],
    ['outside_ranges', 'latency, beyond the family’s ranges', 'var(--c0)'],
    ['reference', 'latency, by the analytical model corrected', 'var(--c3)'],
    ['without_bound', 'latency, by a regressor without the analytical model', 'var(--c5)'],
    ['bound', 'latency, by the roofline alone', 'var(--c1)'],
    ['energy', 'energy', 'var(--c2)'],
    ['dram_bytes', 'DRAM traffic', 'var(--c6)'],
    ['peak_sram_bytes', 'on-chip peak', 'var(--c8)'],
  ];
  const columns = (first) => [
    lw.text(first, (row) => row.name),
    lw.numbers(
      'Compared',
      'rows',
      (row) => row.rows,
      (v) => lw.fixed(v),
    ),
    lw.numbers(
      'Mean error',
      '%',
      (row) => row.mape_percent,
      (v) => lw.fixed(v, 2),
    ),
    lw.numbers(
      'Root mean square',
      '%',
      (row) => row.rmspe_percent,
      (v) => lw.fixed(v, 2),
    ),
    lw.numbers(
      'Within 5 %',
      '% of rows',
      (row) => row.within_5_percent,
      (v) => lw.fixed(v, 1),
    ),
    lw.numbers(
      'Within 10 %',
      '% of rows',
      (row) => row.within_10_percent,
      (v) => lw.fixed(v, 1),
    ),
    lw.numbers(
      'Spearman',
      '',
      (row) => row.spearman,
      (v) => lw.fixed(v, 4),
    ),
  ];

  const errorBars = (title, note, rows, first) => {
    const data = rows.map((row) => ({ ...row, value: row.mape_percent }));
    return data.length === 0
      ? null
      : lw.bars({
          title,
          note,
          data,
          unit: '% mean error',
          write: (v) => lw.fixed(v, 2),
          columns: columns(first),
          rows: () => rows,
          lines: (row) => [
            row.name,
            `mean error ${lw.percent(row.mape_percent, 2)} of what was simulated`,
            `${lw.percent(row.within_10_percent)} of ${lw.fixed(row.rows)} within 10 %`,
            `rank correlation ${lw.fixed(row.spearman, 4)}`,
          ],
        });
  };

  // How often intervals held, against how often they promised to.
  const coverage = (title, intervals) => {
    const names = [...new Set(intervals.map((row) => row.name))];
    const color = (row) => lw.color(names.indexOf(row.name));
    return intervals.length === 0
      ? null
      : lw.figure({
          title,
          note: 'On the line intervals hold as often as they promise; below it they promise too much.',
          legend: lw.legend(names.map((name) => ({ text: name, color: color({ name }) }))),
          lines: (row) => [
            row.name,
            `promise ${lw.percent(100 * row.level, 0)}, hold ${lw.percent(row.covered_percent)}`,
            `median width ${lw.percent(row.median_width_percent, 2)} of the prediction`,
            `${lw.fixed(row.count)} compared`,
          ],
          columns: [
            lw.text('Intervals of', (row) => row.name),
            lw.numbers(
              'Promise',
              '%',
              (row) => 100 * row.level,
              (v) => lw.fixed(v),
            ),
            lw.numbers(
              'Hold',
              '%',
              (row) => row.covered_percent,
              (v) => lw.fixed(v, 1),
            ),
            lw.numbers(
              'Median width',
              '%',
              (row) => row.median_width_percent,
              (v) => lw.fixed(v, 2),
            ),
            lw.numbers(
              'Compared',
              '',
              (row) => row.count,
              (v) => lw.fixed(v),
            ),
          ],
          rows: () => intervals,
          draw(width) {
            const low =
              Math.floor(
                Math.min(
                  70,
                  d3.min(intervals, (row) => row.covered_percent),
                ) / 10,
              ) * 10;
            const svg = lw.plot(width, {
              height: 340,
              x: { domain: [76, 98], label: 'promised, %', labelAnchor: 'center', ticks: [80, 90, 95] },
              y: { domain: [low, 100], label: 'held, %', labelAnchor: 'center', grid: true, ticks: 6 },
              color: { type: 'identity' },
              marks: [
                Plot.line(
                  [
                    [Math.max(76, low), Math.max(76, low)],
                    [98, 98],
                  ],
                  { stroke: 'var(--muted)' },
                ),
                Plot.line(intervals, { x: (row) => 100 * row.level, y: 'covered_percent', z: 'name', stroke: color, strokeWidth: 2 }),
                Plot.dot(intervals, { x: (row) => 100 * row.level, y: 'covered_percent', fill: color, r: 4.5 }),
              ],
            });
            const x = svg.scaleOf('x'),
              y = svg.scaleOf('y');
            return { svg, points: intervals.map((row) => ({ x: x.apply(100 * row.level), y: y.apply(row.covered_percent), row })) };
          },
        });
  };

  const networks = (whole) => {
    const all = [
      { name: 'all', held_out: whole.held_out, left_out: whole.left_out },
      ...whole.families.map((family) => ({ name: family.members.join(', '), held_out: family.held_out, left_out: family.left_out })),
    ];
    const rows = all
      .flatMap((family) => [
        { name: family.name, on: 'other engines', ...family.held_out },
        { name: family.name, on: 'other engines, other families of networks', ...family.left_out },
      ])
      .filter((row) => row.latency);
    const errors = rows.map((row) => ({
      name: row.name,
      on: row.on,
      value: row.latency.median_error_percent,
      worst: row.latency.worst_error_percent,
      networks: row.networks,
      within: row.latency.within_10_percent,
    }));
    const names = [...new Set(errors.map((row) => row.name))];
    return [
      lw.figure({
        title: 'Error of whole networks, by family',
        note: 'Latency on engines held out from training: the dot is the median, the line goes to the worst, the ring. Orange: networks like these were left out of training as well.',
        legend: lw.legend([
          { text: 'trained on networks of this family, on other engines', color: 'var(--c0)' },
          { text: 'never trained on networks of this family', color: 'var(--c1)' },
        ]),
        lines: (row) => [
          row.name,
          `${row.on}: median ${lw.percent(row.value, 2)}, worst ${lw.percent(row.worst)}`,
          `${lw.percent(row.within)} of ${lw.fixed(row.networks)} networks within 10 %`,
        ],
        columns: [
          lw.text('Family', (row) => row.name),
          lw.text('Trained on', (row) => row.on),
          lw.numbers('Networks', '', (row) => row.networks),
          lw.numbers(
            'Within 10 %',
            '%',
            (row) => row.latency.within_10_percent,
            (v) => lw.fixed(v, 1),
          ),
          lw.numbers(
            'Median error',
            '%',
            (row) => row.latency.median_error_percent,
            (v) => lw.fixed(v, 2),
          ),
          lw.numbers(
            'Worst',
            '%',
            (row) => row.latency.worst_error_percent,
            (v) => lw.fixed(v, 1),
          ),
          lw.numbers(
            'Worst energy',
            '%',
            (row) => row.energy?.worst_error_percent,
            (v) => lw.fixed(v, 1),
          ),
          lw.numbers(
            'Worst on-chip peak',
            '%',
            (row) => row.peak_sram_bytes?.worst_error_percent,
            (v) => lw.fixed(v, 1),
          ),
        ],
        rows: () => rows,
        draw(width) {
          const most = width < 520 ? 16 : 44,
            longest = Math.min(
              most,
              d3.max(names, (name) => name.length),
            );
          const floor = Math.max(0.02, (d3.min(errors, (row) => row.value) || 0.05) / 1.6);
          const side = (row) => (row.on === 'other engines' ? -5 : 5);
          const svg = lw.plot(width, {
            height: names.length * 34 + 56,
            marginLeft: 16 + longest * 6.6,
            marginTop: 6,
            y: { type: 'point', domain: names, tickFormat: (name) => lw.short(name, most), tickSize: 0, label: null, padding: 0.6 },
            x: {
              type: 'log',
              domain: [floor, (d3.max(errors, (row) => row.worst) || 10) * 1.3],
              label: 'error, % of what was simulated',
              labelAnchor: 'center',
              grid: true,
              tickFormat: (v) => (/^[1-9]0*$|^0\.0*[15]$|^5/.test(String(v)) ? lw.number(v) : ''),
              ticks: width < 520 ? 4 : 8,
            },
            color: { type: 'identity' },
            marks: [-5, 5].flatMap((dy) => {
              const some = errors.filter((row) => side(row) === dy);
              const color = dy < 0 ? 'var(--c0)' : 'var(--c1)';
              return [
                Plot.ruleY(some, { y: 'name', x1: (row) => Math.max(floor, row.value), x2: 'worst', stroke: color, strokeWidth: 2, dy }),
                Plot.dot(some, { x: (row) => Math.max(floor, row.value), y: 'name', fill: color, r: 5, dy }),
                Plot.dot(some, { x: 'worst', y: 'name', fill: 'var(--ground)', stroke: color, strokeWidth: 2, r: 3, dy }),
              ];
            }),
          });
          svg.setAttribute('data-marks', errors.length);
          const x = svg.scaleOf('x'),
            y = svg.scaleOf('y');
          return {
            svg,
            reach: 400,
            points: errors.map((row) => ({ x: x.apply(Math.max(floor, row.value)), y: y.apply(row.name) + side(row), row })),
          };
        },
      }),
      coverage('How often intervals of whole networks held', [
        ...whole.held_out.intervals.map((row) => ({ ...row, name: 'other engines' })),
        ...whole.left_out.intervals.map((row) => ({ ...row, name: 'other engines, other families' })),
      ]),
    ];
  };

  lw.views.evaluate = (answer) => {
    const splits = Object.entries(answer.splits);
    const [firstName, first] = splits[0] ?? [null, null];
    const sections = [
      lw.section(
        'At a glance',
        lw.cards([
          ['Trained on', lw.fixed(answer.rows), 'rows', `on ${lw.fixed(answer.engines)} engines of the family ${answer.family}`],
          first
            ? [
                'Mean error of latency',
                lw.fixed(first.mape_percent, 2),
                '%',
                `${lw.words(firstName)}, ${lw.fixed(first.rows)} rows; estimated against simulated`,
              ]
            : null,
          first ? ['Within 10 %', lw.fixed(first.within_10_percent, 1), '% of rows', lw.words(firstName)] : null,
          first?.bound?.rows ? ['The roofline alone', lw.fixed(first.bound.mape_percent, 2), '%', 'mean error on the same rows'] : null,
          answer.whole_networks
            ? [
                'Whole networks',
                lw.fixed(answer.whole_networks.held_out.latency.within_10_percent, 1),
                '% within 10 %',
                `${lw.fixed(answer.whole_networks.held_out.networks)} networks on engines held out`,
              ]
            : null,
          answer.whole_networks
            ? [
                'Median error of networks',
                lw.fixed(answer.whole_networks.held_out.latency.median_error_percent, 2),
                '%',
                `worst ${lw.percent(answer.whole_networks.held_out.latency.worst_error_percent)}`,
              ]
            : null,
        ]),
        el('p', null, 'Errors are of predictions for subgraphs and networks that were held out from training, in percent of what was simulated.'),
      ),
    ];
    for (const [name, split] of splits) {
      const parts = kParts.map(([key, title, color]) => ({ name: title, color, ...(key ? split[key] : split) })).filter((row) => row.rows > 0);
      const families = Object.entries(split.by_family).map(([family, row]) => ({ name: lw.words(family), color: 'var(--c0)', ...row }));
      sections.push(
        lw.section(
          `Held out: ${lw.words(name)}`,
          el(
            'p',
            null,
            `${lw.fixed(split.rows)} rows on ${lw.fixed(split.engines)} engines; trained on ${lw.fixed(split.training_rows)} rows of ${lw.fixed(split.training_engines)} engines.`,
          ),
          el(
            'div',
            { class: 'pair' },
            errorBars(
              'What was predicted, and by what',
              'Mean error; purple, brown and orange are what the estimator is measured by.',
              parts,
              'Predicted',
            ),
            errorBars('Latency by family of layers', 'Mean error of the estimator.', families, 'Family'),
          ),
          coverage(
            'How often intervals of layers held',
            split.intervals
              .filter((row) => row.count > 0)
              .map((row) => ({
                ...row,
                name: `${row.of === 'passes' ? 'layers' : row.of}${row.outside_ranges ? ', beyond the family’s ranges' : ''}`,
              })),
          ),
          lw.table(columns('Predicted'), parts, { caption: `Held out: ${lw.words(name)}` }),
        ),
      );
    }
    if (answer.whole_networks) sections.push(lw.section('Whole networks', networks(answer.whole_networks)));
    if (answer.campaigns?.length) sections.push(lw.section('Campaigns', lw.tree(answer.campaigns, 'What it was trained on')));
    return { lead: `${lw.fixed(answer.rows)} rows on ${lw.fixed(answer.engines)} engines; estimated against simulated`, sections };
  };
})();
