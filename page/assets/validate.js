// SPDX-License-Identifier: Apache-2.0
// The page of `validate`: simulated cycles beside measured ones.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;
  const statistics = [
    lw.numbers(
      'Rows',
      '',
      (row) => row.rows,
      (v) => lw.fixed(v),
    ),
    lw.numbers(
      'Failed',
      '',
      (row) => row.failed,
      (v) => lw.fixed(v),
    ),
    lw.numbers(
      'Mean error',
      '%',
      (row) => row.mape_percent,
      (v) => lw.fixed(v, 3),
    ),
    lw.numbers(
      'Median',
      '%',
      (row) => row.median_percent,
      (v) => lw.fixed(v, 3),
    ),
    lw.numbers(
      '95th percentile',
      '%',
      (row) => row.p95_percent,
      (v) => lw.fixed(v, 3),
    ),
    lw.numbers(
      'Worst',
      '%',
      (row) => row.worst_percent,
      (v) => lw.fixed(v, 2),
    ),
    lw.numbers(
      'Within 2 %',
      '% of rows',
      (row) => row.within_2_percent,
      (v) => lw.fixed(v, 1),
    ),
    lw.numbers(
      'Within 10 %',
      '% of rows',
      (row) => row.within_10_percent,
      (v) => lw.fixed(v, 1),
    ),
  ];

  const histogram = (rows) => {
    const most = d3.max(rows, (row) => Math.abs(row.error_percent)) || 1;
    // Nine of ten rows decide the scale, so that one that is far off does not hide how the others lie.
    const edge = Math.max(0.01, d3.quantile(d3.sort(rows.map((row) => Math.abs(row.error_percent))), 0.98) || most);
    const bins = d3
      .bin()
      .domain([-edge, edge])
      .thresholds(d3.range(-edge, edge + edge / 40, edge / 20))(rows.map((row) => row.error_percent))
      .map((bin) => ({ x0: bin.x0, x1: bin.x1, count: bin.length }));
    const beyond = rows.filter((row) => Math.abs(row.error_percent) > edge).length;
    return lw.figure({
      title: 'How errors are spread',
      note: `Simulated less measured, in percent of the measured cycles.${beyond ? ` ${beyond} rows lie further off, up to ${lw.percent(most, 2)}.` : ''}`,
      lines: (bin) => [`${lw.signed(bin.x0, 3)} to ${lw.signed(bin.x1, 3)} %`, `${lw.fixed(bin.count)} of ${lw.fixed(rows.length)} rows`],
      columns: [
        lw.numbers(
          'From',
          '%',
          (bin) => bin.x0,
          (v) => lw.signed(v, 3),
        ),
        lw.numbers(
          'To',
          '%',
          (bin) => bin.x1,
          (v) => lw.signed(v, 3),
        ),
        lw.numbers('Rows', '', (bin) => bin.count),
      ],
      rows: () => bins,
      draw(width) {
        const svg = lw.plot(width, {
          height: 300,
          x: { label: 'error, %', labelAnchor: 'center', ticks: width < 520 ? 4 : 8 },
          y: { label: 'rows', labelAnchor: 'center', grid: true, ticks: 5 },
          color: { type: 'identity' },
          marks: [
            Plot.rectY(
              bins.filter((bin) => bin.x1 > bin.x0),
              { x1: 'x0', x2: 'x1', y: 'count', fill: () => 'var(--c0)', inset: 0.5 },
            ),
            Plot.ruleY([0], { stroke: 'var(--muted)' }),
          ],
        });
        const x = svg.scaleOf('x'),
          y = svg.scaleOf('y');
        return { svg, near: 'x', reach: 40, points: bins.map((row) => ({ x: x.apply((row.x0 + row.x1) / 2), y: y.apply(row.count), row })) };
      },
    });
  };

  const ofRows = (answer, rows) => {
    const part = answer.all.sets ? 'sets' : 'units';
    const run = rows.filter((row) => !row.failure);
    const name = (row) => `${row.engine}, ${row.part}${row.tag ? `: ${row.tag}` : ''}`;
    const columns = [
      lw.numbers(
        'Line',
        'of the file',
        (row) => row.line,
        (v) => String(v),
      ),
      lw.text('Engine', (row) => row.engine),
      lw.text('Part', (row) => row.part),
      lw.text('Tag', (row) => row.tag),
      lw.numbers(
        'Measured',
        'cycles',
        (row) => row.measured_cycles,
        (v) => lw.fixed(v),
      ),
      lw.numbers(
        'Simulated',
        'cycles',
        (row) => row.simulated_cycles,
        (v) => lw.fixed(v),
      ),
      lw.numbers(
        'Error',
        '%',
        (row) => row.error_percent,
        (v) => lw.signed(v, 3),
      ),
      lw.text('Bound by', (row) => lw.words(row.bound_by)),
    ];
    const engines = Object.entries(answer.engines).map(([engine, row]) => ({ name: engine, ...row }));
    const parts = engines.flatMap((engine) =>
      Object.entries(engine[part]).map(([title, row]) => ({
        engine: engine.name,
        name: `${engine.name}: ${title}`,
        ...row,
        value: row.mape_percent,
        color: lw.color(engines.indexOf(engine)),
      })),
    );
    return [
      lw.section(
        'Predicted against measured',
        el(
          'div',
          { class: 'pair' },
          lw.agreement({
            title: 'Simulated and measured cycles',
            note: 'One point per row; on the line both agree.',
            rows: run,
            truth: (row) => row.measured_cycles,
            guess: (row) => row.simulated_cycles,
            truthTitle: 'measured',
            guessTitle: 'simulated',
            unit: 'cycles',
            group: (row) => row.engine,
            lines: (row) => [
              name(row),
              `measured ${lw.fixed(row.measured_cycles)} cycles`,
              `simulated ${lw.fixed(row.simulated_cycles)} cycles (${lw.signed(row.error_percent, 3)} %)`,
              `bound by ${lw.words(row.bound_by)}`,
              `line ${row.line} of the file`,
            ],
            columns,
          }),
          run.length ? histogram(run) : null,
        ),
      ),
      lw.section(
        'Engines and parts',
        lw.table([lw.text('Engine', (row) => row.name), ...statistics], [...engines, { name: 'all', ...answer.all }], { caption: 'By engine' }),
        lw.bars({
          title: `Mean error by engine and ${part === 'sets' ? 'set of rows' : 'unit'}`,
          note: 'Absolute, in percent of the measured cycles.',
          data: parts.filter((row) => row.rows > 0),
          unit: '% mean error',
          write: (v) => lw.fixed(v, 3),
          columns: [lw.text('Part', (row) => row.name), ...statistics],
          rows: () => parts,
          legend: lw.legend(engines.map((engine, index) => ({ text: engine.name, color: lw.color(index) }))),
          lines: (row) => [
            row.name,
            `mean error ${lw.percent(row.mape_percent, 3)} over ${lw.fixed(row.rows)} rows`,
            `worst ${lw.percent(row.worst_percent, 2)}`,
          ],
        }),
      ),
      lw.section(
        'Rows',
        lw.table(
          columns,
          answer.all.worst_rows.map((row) => ({ ...row, part: row.set ?? row.unit })),
          { caption: 'The worst rows' },
        ),
        lw.table(columns, run, { caption: 'All rows' }),
        answer.failed_rows.length
          ? lw.table(
              [lw.numbers('Line', '', (row) => row.line), lw.text('Row', name), lw.text('Why', (row) => row.failure)],
              answer.failed_rows.map((row) => ({ ...row, part: row.set ?? row.unit })),
              { caption: 'Rows that could not be simulated' },
            )
          : null,
      ),
    ];
  };

  const ofSequences = (answer) => {
    const rows = Object.entries(answer.sequences).flatMap(([engine, sequences]) =>
      Object.entries(sequences).map(([name, row]) => ({ engine, name, ...row })),
    );
    const layers = rows.flatMap((row) => row.positions.map((position) => ({ ...position, sequence: row.name, engine: row.engine })));
    const columns = [
      lw.text('Sequence', (row) => row.name),
      lw.text('Engine', (row) => row.engine),
      lw.numbers('Layers', '', (row) => row.layers),
      lw.numbers('Measured period', 'cycles', (row) => row.measured_period),
      lw.numbers('Simulated period', 'cycles', (row) => row.simulated_period),
      lw.numbers(
        'Error',
        '%',
        (row) => row.period_error_percent,
        (v) => lw.signed(v, 3),
      ),
      lw.text('Failure', (row) => row.failure),
    ];
    const layerColumns = [
      lw.text('Sequence', (row) => row.sequence),
      lw.text('Layer', (row) => row.layer),
      lw.numbers(
        'Measured end',
        'cycle',
        (row) => row.measured_done_cycle,
        (v) => lw.fixed(v),
      ),
      lw.numbers(
        'Simulated end',
        'cycle',
        (row) => row.simulated_done_cycle,
        (v) => lw.fixed(v),
      ),
      lw.numbers(
        'Error',
        '%',
        (row) => row.done_error_percent,
        (v) => lw.signed(v, 3),
      ),
    ];
    return [
      lw.section(
        'Predicted against measured',
        el(
          'div',
          { class: 'pair' },
          lw.agreement({
            title: 'Period from layer to layer',
            note: 'Mean time from the end of one layer to the end of the next.',
            rows: rows.filter((row) => row.measured_period != null),
            truth: (row) => row.measured_period,
            guess: (row) => row.simulated_period,
            truthTitle: 'measured',
            guessTitle: 'simulated',
            unit: 'cycles',
            group: (row) => row.engine,
            lines: (row) => [
              row.name,
              `measured ${lw.number(row.measured_period)} cycles`,
              `simulated ${lw.number(row.simulated_period)} cycles (${lw.signed(row.period_error_percent, 3)} %)`,
            ],
            columns,
          }),
          lw.agreement({
            title: 'End of each layer',
            note: 'Cycles since the sequence began.',
            rows: layers.filter((row) => row.simulated_done_cycle != null),
            truth: (row) => row.measured_done_cycle,
            guess: (row) => row.simulated_done_cycle,
            truthTitle: 'measured',
            guessTitle: 'simulated',
            unit: 'cycles',
            group: (row) => row.engine,
            lines: (row) => [
              `${row.sequence}: ${row.layer}`,
              `measured ${lw.fixed(row.measured_done_cycle)}`,
              `simulated ${lw.fixed(row.simulated_done_cycle)} (${lw.signed(row.done_error_percent, 3)} %)`,
            ],
            columns: layerColumns,
          }),
        ),
      ),
      lw.section('Sequences', lw.table(columns, rows, { caption: 'Sequences of layers' })),
      lw.section('Layers of sequences', lw.table(layerColumns, layers, { caption: 'Every layer of every sequence' })),
    ];
  };

  lw.views.validate = (answer) => {
    const { all } = answer;
    const rows = lw.data('rows') ?? [];
    const sequences = answer.sequences != null;
    return {
      lead: sequences ? `${lw.fixed(all.sequences)} sequences, simulated against measured` : `${lw.fixed(all.rows)} rows, simulated against measured`,
      sections: [
        lw.section(
          'At a glance',
          lw.cards(
            sequences
              ? [
                  ['Sequences', lw.fixed(all.sequences), '', `${lw.fixed(all.failed)} failed`],
                  ['Mean error of periods', lw.fixed(all.mape_percent, 3), '%', 'simulated against measured'],
                  ['Worst period', lw.fixed(all.worst_period_percent, 3), '%', 'simulated against measured'],
                  ['Mean error of ends', lw.fixed(all.done_mape_percent, 3), '%', 'simulated against measured'],
                ]
              : [
                  ['Rows', lw.fixed(all.rows), '', all.failed ? `${lw.fixed(all.failed)} could not be simulated` : 'all could be simulated'],
                  ['Mean error', lw.fixed(all.mape_percent, 3), '%', 'simulated against measured'],
                  ['Worst', lw.fixed(all.worst_percent, 2), '%', 'simulated against measured'],
                  ['95th percentile', lw.fixed(all.p95_percent, 3), '%', 'simulated against measured'],
                  ['Within 2 %', lw.fixed(all.within_2_percent, 1), '% of rows', 'simulated against measured'],
                  ['Engines', lw.fixed(Object.keys(answer.engines).length), '', Object.keys(answer.engines).join(', ')],
                ],
          ),
          lw.list(
            [
              ['File', answer.file],
              ['Columns that are not read', answer.ignored_columns.join(', ')],
            ],
            'What was read',
          ),
        ),
        ...(sequences ? ofSequences(answer) : ofRows(answer, rows)),
      ],
    };
  };
})();
