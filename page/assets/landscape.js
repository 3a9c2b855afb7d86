// SPDX-License-Identifier: Apache-2.0
// The page of `landscape`: cost over channels and depth, how rugged it is, how steadily a search finds its way, raw and curated.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;
  const kRaw = 'var(--c1)',
    kCurated = 'var(--c0)';
  const both = lw.legend;

  const pointLines = (answer) => (point) => [
    `${answer.x.gene} ${point.channels}, ${answer.y.gene} ${point.depth}`,
    point.failure ? point.failure : `latency ${lw.told('latency_ms', point.latency_ms)}, ${answer.source}`,
    `${lw.number(point.macs)} MACs, ${lw.number(point.parameters)} parameters`,
    point.curated ? 'kept by the curation' : 'not in the curated space',
  ];
  const pointColumns = (answer) => [
    lw.numbers(answer.x.gene, answer.x.unit ?? '', (point) => point.channels),
    lw.numbers(answer.y.gene, answer.y.unit ?? '', (point) => point.depth),
    lw.column('latency_ms'),
    lw.column('latency_cycles'),
    lw.column('macs'),
    lw.column('parameters'),
    lw.text('Curated', (point) => (point.curated ? 'yes' : 'no')),
    lw.text('Cannot run', (point) => point.failure),
    lw.text('Source', () => answer.source),
  ];

  // The grid as cells, darker where it costs more.
  const surface = (answer, metric) => {
    const { x: ax, y: ay, points } = answer;
    const run = points.filter((point) => point[metric] != null);
    const [low, high] = d3.extent(run, (point) => point[metric]);
    const share = (point) => (high > low ? (point[metric] - low) / (high - low) : 0);
    return lw.figure({
      title: `${lw.quantity(metric).title} over both axes`,
      note: `From ${lw.told(metric, low)} (light) to ${lw.told(metric, high)} (dark). A dot: kept by the curation. Blank: cannot run.`,
      lines: pointLines(answer),
      columns: pointColumns(answer),
      rows: () => points,
      draw(width) {
        const left = 64,
          right = 12,
          top = 8;
        const cellHeight = Math.max(16, Math.min(34, 340 / ay.numbers.length)),
          height = cellHeight * ay.numbers.length;
        const x = d3.scaleBand(ax.numbers, [left, width - right]).paddingInner(0.03),
          y = d3.scaleBand(ay.numbers.slice().reverse(), [top, top + height]).paddingInner(0.03);
        const svg = lw.svg('svg', { width, height: height + 60, viewBox: `0 0 ${width} ${height + 60}`, 'data-marks': points.length });
        const steps = 40,
          paths = new Map();
        for (const point of run) {
          const step = Math.round(share(point) * steps);
          paths.set(
            step,
            `${paths.get(step) ?? ''}M${x(point.channels).toFixed(2)},${y(point.depth).toFixed(2)}h${x.bandwidth().toFixed(2)}v${y.bandwidth().toFixed(2)}h${(-x.bandwidth()).toFixed(2)}Z`,
          );
        }
        for (const [step, d] of paths)
          svg.append(lw.svg('path', { d, fill: `color-mix(in oklab, var(--heat0), var(--heat1) ${Math.round((100 * step) / steps)}%)` }));
        const r = Math.max(1, Math.min(3.2, x.bandwidth() / 4));
        svg.append(
          lw.svg('path', {
            fill: 'var(--c1)',
            stroke: 'var(--ground)',
            'stroke-width': 0.5,
            d: run
              .filter((point) => point.curated)
              .map((point) => {
                const cx = x(point.channels) + x.bandwidth() / 2,
                  cy = y(point.depth) + y.bandwidth() / 2;
                return `M${(cx - r).toFixed(2)},${cy.toFixed(2)}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`;
              })
              .join(''),
          }),
        );
        const every = Math.ceil((ax.numbers.length * 40) / (width - left - right));
        svg.append(
          ...ax.numbers
            .filter((value, index) => index % every === 0)
            .map((value) =>
              lw.svg(
                'text',
                { x: x(value) + x.bandwidth() / 2, y: top + height + 18, 'text-anchor': 'middle', fill: 'currentColor' },
                lw.number(value),
              ),
            ),
          ...ay.numbers.map((value) =>
            lw.svg('text', { x: left - 8, y: y(value) + y.bandwidth() / 2 + 4, 'text-anchor': 'end', fill: 'currentColor' }, lw.number(value)),
          ),
          lw.svg(
            'text',
            { x: (left + width - right) / 2, y: top + height + 42, 'text-anchor': 'middle', fill: 'currentColor' },
            `${ax.gene}${ax.unit ? `, ${ax.unit}` : ''}`,
          ),
          lw.svg(
            'text',
            { x: 14, y: top + height / 2, transform: `rotate(-90 14 ${top + height / 2})`, 'text-anchor': 'middle', fill: 'currentColor' },
            lw.short(ay.gene, 30),
          ),
        );
        return {
          svg,
          reach: Math.max(x.bandwidth(), y.bandwidth()),
          points: points.map((point) => ({ x: x(point.channels) + x.bandwidth() / 2, y: y(point.depth) + y.bandwidth() / 2, row: point })),
        };
      },
    });
  };

  // One line per depth: teeth are where more channels cost less.
  const teeth = (answer, metric) => {
    const run = answer.points.filter((point) => point[metric] != null);
    const depths = answer.y.numbers;
    const color = (depth) =>
      depths.length <= 10
        ? lw.color(depths.indexOf(depth))
        : `color-mix(in oklab, var(--c0), var(--c1) ${Math.round((100 * depths.indexOf(depth)) / (depths.length - 1))}%)`;
    return lw.figure({
      title: `${lw.quantity(metric).title} by ${answer.x.gene}`,
      note: `One line per value of ${answer.y.gene}; filled points are kept by the curation. ${lw.capital(answer.source)}.`,
      lines: pointLines(answer),
      columns: pointColumns(answer),
      rows: () => run,
      legend: depths.length <= 12 ? lw.legend(depths.map((depth) => ({ text: `${answer.y.gene} ${lw.number(depth)}`, color: color(depth) }))) : null,
      draw(width) {
        const svg = lw.plot(width, {
          height: 380,
          marginLeft: 66,
          x: { label: `${answer.x.gene}${answer.x.unit ? `, ${answer.x.unit}` : ''}`, labelAnchor: 'center', ticks: width < 520 ? 4 : 10 },
          y: { label: lw.titled(metric), labelAnchor: 'center', grid: true, nice: true, ticks: 6 },
          color: { type: 'identity' },
          marks: [
            Plot.line(run, { x: 'channels', y: metric, z: 'depth', stroke: (point) => color(point.depth), strokeWidth: 1.8 }),
            Plot.dot(run, {
              x: 'channels',
              y: metric,
              r: 2.6,
              fill: (point) => (point.curated ? color(point.depth) : 'var(--ground)'),
              stroke: (point) => color(point.depth),
            }),
          ],
        });
        svg.setAttribute('data-marks', run.length);
        const x = svg.scaleOf('x'),
          y = svg.scaleOf('y');
        return { svg, points: run.map((row) => ({ x: x.apply(row.channels), y: y.apply(row[metric]), row })) };
      },
    });
  };

  const sides = (answer) => [
    ['raw', answer.raw, kRaw],
    ['curated', answer.curated, kCurated],
  ];

  const forgetting = (answer, key, title) => {
    const rows = sides(answer)
      .flatMap(([name, side, color]) => side[key].by_lag.map((value, lag) => ({ name, color, lag, value })))
      .filter((row) => row.value != null);
    return rows.length === 0
      ? null
      : lw.figure({
          title,
          note: 'How much the cost of a design says of that of a design some steps of a random walk away; 1: all. A steadily falling line is a smooth landscape.',
          legend: both(sides(answer).map(([name, , color]) => ({ text: name, color }))),
          lines: (row) => [`${row.name}, ${row.lag} steps`, `correlation ${lw.fixed(row.value, 3)}`],
          columns: [
            lw.text('Space', (row) => row.name),
            lw.numbers('Steps', '', (row) => row.lag),
            lw.numbers(
              'Correlation',
              '',
              (row) => row.value,
              (v) => lw.fixed(v, 3),
            ),
          ],
          rows: () => rows,
          draw(width) {
            const svg = lw.plot(width, {
              height: 280,
              x: { label: 'steps of the walk', labelAnchor: 'center' },
              y: { label: 'autocorrelation', labelAnchor: 'center', grid: true, ticks: 5 },
              color: { type: 'identity' },
              marks: [
                Plot.ruleY([0, 1 / Math.E], { stroke: 'var(--line)' }),
                Plot.line(rows, { x: 'lag', y: 'value', z: 'name', stroke: 'color', strokeWidth: 2 }),
              ],
            });
            const x = svg.scaleOf('x'),
              y = svg.scaleOf('y');
            return { svg, points: rows.map((row) => ({ x: x.apply(row.lag), y: y.apply(row.value), row })) };
          },
        });
  };

  const geneSteps = (answer) => {
    const rows = sides(answer).flatMap(([name, side, color]) =>
      side.rising_steps_by_gene
        .filter((gene) => gene.rising_steps.steps > 0)
        .map((gene) => ({
          gene: gene.gene,
          side: name,
          color,
          ...gene.rising_steps,
          value: 100 * gene.rising_steps.share,
          name: `${gene.gene}, ${name}`,
        })),
    );
    const rising = rows.filter((row) => row.value > 0);
    const drawn = d3.sort(rising, (row) => -row.value).slice(0, 40);
    if (rows.length > 0 && rising.length === 0) return el('p', null, 'No gene has a step that rises.');
    return rows.length === 0
      ? null
      : lw.bars({
          title: 'Steps that cost more with fewer MACs',
          note: `By gene, in percent of its steps that were tried${rising.length > drawn.length ? `; the ${drawn.length} highest` : ''}; genes without such steps stand in the table.`,
          data: drawn,
          unit: '% of the steps rise',
          write: (v) => lw.fixed(v, 1),
          legend: both(sides(answer).map(([name, , color]) => ({ text: name, color }))),
          lines: (row) => [
            row.name,
            `${lw.fixed(row.rising)} of ${lw.fixed(row.steps)} steps rise`,
            `worst by ${lw.percent(row.worst_rise_percent)}`,
          ],
          columns: [
            lw.text('Gene', (row) => row.gene),
            lw.text('Space', (row) => row.side),
            lw.numbers('Steps', '', (row) => row.steps),
            lw.numbers('Rising', '', (row) => row.rising),
            lw.numbers(
              'Share',
              '%',
              (row) => row.value,
              (v) => lw.fixed(v, 1),
            ),
            lw.numbers(
              'Worst rise',
              '%',
              (row) => row.worst_rise_percent,
              (v) => lw.fixed(v, 1),
            ),
          ],
          rows: () => rows,
        });
  };

  // Values of two spaces side by side, one point each.
  const strips = (title, note, rows, unit, target = null) =>
    rows.length === 0
      ? null
      : lw.figure({
          title,
          note,
          legend: both(
            [
              ['raw', kRaw],
              ['curated', kCurated],
            ].map(([text, color]) => ({ text, color })),
          ),
          lines: (row) => [row.name, `${lw.number(row.value)} ${unit}`, row.what],
          columns: [lw.text('Space', (row) => row.side), lw.text('What', (row) => row.what), lw.numbers('Latency', unit, (row) => row.value)],
          rows: () => rows,
          draw(width) {
            const names = [...new Set(rows.map((row) => row.name))];
            const most = width < 520 ? 18 : 34;
            const svg = lw.plot(width, {
              height: names.length * 42 + 60,
              marginLeft:
                16 +
                Math.min(
                  most,
                  d3.max(names, (name) => name.length),
                ) *
                  6.7,
              y: { type: 'point', domain: names, label: null, tickSize: 0, padding: 0.6, tickFormat: (name) => lw.short(name, most) },
              x: { label: `latency, ${unit}`, labelAnchor: 'center', grid: true, nice: true, ticks: width < 520 ? 4 : 8 },
              color: { type: 'identity' },
              marks: [
                target == null ? null : Plot.ruleX([target], { stroke: 'var(--bad)', strokeDasharray: '5,4' }),
                Plot.dot(rows, { x: 'value', y: 'name', r: 5, fill: 'color', fillOpacity: 0.55, stroke: 'color' }),
              ],
            });
            svg.setAttribute('data-marks', rows.length);
            const x = svg.scaleOf('x'),
              y = svg.scaleOf('y');
            return { svg, points: rows.map((row) => ({ x: x.apply(row.value), y: y.apply(row.name), row })) };
          },
        });

  lw.views.landscape = (answer) => {
    const { figure, raw, curated } = answer;
    const metrics = ['latency_ms', 'macs', 'parameters'];
    const place = el('div');
    const show = (metric) => place.replaceChildren(surface(answer, metric), teeth(answer, metric));
    show('latency_ms');
    const share = (steps) => (steps?.steps ? lw.fixed(100 * steps.share, 1) : lw.dash);
    const measures = [
      ['Points of the figure that run', (side) => figure[side].points, (v) => lw.fixed(v)],
      ['Steps of the figure that rise', (side) => 100 * figure[side].rising_steps.share, (v) => lw.percent(v)],
      ['Worst rise of a step of the figure', (side) => figure[side].rising_steps.worst_rise_percent, (v) => lw.percent(v)],
      ['Local minima of the figure', (side) => figure[side].local_minima, (v) => lw.fixed(v)],
      ['Local minima by MACs', (side) => figure[side].local_minima_by_macs, (v) => lw.fixed(v)],
      ['Designs of the space', (side) => answer[side].genotypes, lw.number],
      ['Sampled designs', (side) => answer[side].sampled_designs, (v) => lw.fixed(v)],
      [
        'Steps of sampled designs that rise',
        (side) => (answer[side].rising_steps.steps ? 100 * answer[side].rising_steps.share : null),
        (v) => lw.percent(v),
      ],
      ['Length of autocorrelation, steps', (side) => answer[side].autocorrelation.length, lw.number],
      ['Distinct minima of descents', (side) => answer[side].descents.distinct_minima, (v) => lw.fixed(v)],
    ].map(([name, of, write]) => ({ name, raw: of('raw'), curated: of('curated'), write }));
    const ends = sides(answer).flatMap(([side, space, color]) =>
      [
        ['descents', 'latency alone'],
        ['descents_within_capacity', 'within the capacity limit'],
      ].flatMap(([key, what]) =>
        space[key].end_latency_ms.map((value) => ({ side, color, value, what: `descent, ${what}`, name: `${side}, ${what}` })),
      ),
    );
    const searches = answer.searches.map((search) => {
      const rows = [
        ['raw', kRaw],
        ['curated', kCurated],
      ].flatMap(([side, color]) =>
        search[side].best_latency_ms_by_seed
          .map((value, seed) => ({
            side,
            color,
            value,
            what: `seed ${seed + 1}${search[side].samples_to_target[seed] ? `, target after ${search[side].samples_to_target[seed]} samples` : ', target not reached'}`,
            name: `${search.algorithm}, ${side}`,
          }))
          .filter((row) => row.value != null),
      );
      return strips(
        `What ${search.algorithm} finds under each seed`,
        `After ${lw.fixed(search.samples)} samples, ${lw.fixed(search.seeds)} seeds; dashed: the target, ${lw.told('latency_ms', search.target_ms)}, the median of what the raw space gave. ${lw.capital(answer.source)}.`,
        rows,
        'ms',
        search.target_ms,
      );
    });
    const searchRows = answer.searches.flatMap((search) =>
      ['raw', 'curated'].map((side) => ({ algorithm: search.algorithm, side, ...search[side] })),
    );
    return {
      lead: `${answer.source}, ${lw.fixed(answer.distinct_subgraphs)} distinct layers priced`,
      sections: [
        lw.section(
          'At a glance',
          lw.cards([
            [
              'Steps that rise',
              share(figure.raw.rising_steps),
              '%',
              `of the figure: fewer MACs cost more; curated ${share(figure.curated.rising_steps)} %`,
            ],
            [
              'Local minima',
              lw.fixed(figure.raw.local_minima),
              '',
              `of the figure; curated ${lw.fixed(figure.curated.local_minima)}, by MACs ${lw.fixed(figure.raw.local_minima_by_macs)}`,
            ],
            ['Points', lw.fixed(figure.raw.points), '', `that run; curated ${lw.fixed(figure.curated.points)}`],
            ['Space', lw.number(raw.genotypes), 'designs', `curated ${lw.number(curated.genotypes)}`],
            ['Sampled steps that rise', share(raw.rising_steps), '%', `curated ${share(curated.rising_steps)} %`],
            ['Priced', lw.fixed(answer.distinct_subgraphs), 'layers', answer.source],
          ]),
          lw.list(
            [
              ['Quality in the searches', answer.quality],
              ['Horizontal axis', answer.x.gene],
              ['Vertical axis', answer.y.gene],
              ['Seed', String(answer.seed)],
            ],
            'What was asked',
          ),
        ),
        lw.section(
          'The surface',
          el(
            'div',
            { class: 'controls' },
            lw.select(
              'Quantity',
              metrics.map((metric) => [metric, lw.titled(metric)]),
              'latency_ms',
              show,
            ),
          ),
          place,
        ),
        lw.section(
          'How rugged it is',
          lw.table(
            [
              lw.text('Measure', (row) => row.name),
              ...['raw', 'curated'].map((side) => ({ title: side, value: (row) => row[side], text: (row) => row.write(row[side]), number: true })),
            ],
            measures,
            { caption: `Raw and curated, ${answer.source}` },
          ),
          geneSteps(answer),
          el(
            'div',
            { class: 'pair' },
            forgetting(answer, 'autocorrelation', 'How soon a walk forgets its latency'),
            forgetting(answer, 'autocorrelation_of_latency_per_mac', 'How soon it forgets its latency per MAC'),
          ),
          strips(
            'Where descents end',
            `From random designs to the first cheaper neighbour, until there is none. ${lw.capital(answer.source)}.`,
            ends,
            'ms',
          ),
        ),
        answer.searches.length
          ? lw.section(
              'Searches',
              searches,
              lw.table(
                [
                  lw.text('Algorithm', (row) => row.algorithm),
                  lw.text('Space', (row) => row.side),
                  lw.numbers(
                    'Median samples to the target',
                    '',
                    (row) => row.median_samples_to_target,
                    (v) => lw.fixed(v),
                  ),
                  lw.numbers(
                    'Seeds that miss it',
                    '',
                    (row) => row.failed_seeds,
                    (v) => lw.fixed(v),
                  ),
                  lw.numbers('Best, median', 'ms', (row) => row.best_latency_ms.median),
                  lw.numbers(
                    'Spread',
                    '% of the mean',
                    (row) => (row.relative_spread == null ? null : 100 * row.relative_spread),
                    (v) => lw.fixed(v, 2),
                  ),
                ],
                searchRows,
                { caption: `Searches of ${lw.fixed(answer.searches[0].samples)} samples, ${answer.source}` },
              ),
            )
          : null,
        lw.section(
          'What the curation keeps',
          lw.table(
            [lw.text('Gene', (row) => row.gene), lw.text('Kept', (row) => row.kept.join(', ')), lw.text('Removed', (row) => row.removed.join(', '))],
            answer.curation,
            { caption: 'Values of genes' },
          ),
        ),
      ].filter(Boolean),
    };
  };
})();
