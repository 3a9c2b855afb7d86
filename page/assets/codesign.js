// SPDX-License-Identifier: Apache-2.0
// The page of `codesign`: the front, how the search came to it, what the finalists changed, how far predictions held.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;
  const kMetrics = [
    'latency_ms',
    'energy_uj',
    'area_mm2',
    'edp',
    'average_power_mw',
    'accuracy',
    'parameters',
    'parameter_bytes',
    'macs',
    'macs_per_pixel',
    'dram_bytes',
    'peak_sram_bytes',
    'peak_activation_bytes',
  ];
  const kOld = { latency: 'latency_ms', energy: 'energy_uj', area: 'area_mm2', peak_memory: 'peak_sram_bytes', dram: 'dram_bytes' };
  const number = (text) => (text === '' || text == null ? null : Number(text));

  const readHistory = (text) =>
    lw.csv(text).map((row) => {
      const out = {
        kind: 'candidate',
        id: Number(row.candidate),
        round: Number(row.round),
        search: row.search,
        genes: row.genes,
        violation: Number(row.violation),
        failure: row.failure,
        hypervolume: number(row.hypervolume),
        source: 'estimated',
      };
      for (const metric of kMetrics) out[metric] = number(row[metric]);
      if (out.failure) out.kind = 'cannot run';
      else if (out.violation > 0) out.kind = 'misses a limit';
      return out;
    });
  const readFront = (text) =>
    lw.csv(text).map((row) => {
      const simulated = row.latency_cycles_simulated !== '';
      const out = {
        kind: row.finalist ? 'finalist' : 'front',
        id: Number(row.design),
        finalist: number(row.finalist),
        genes: row.genes,
        missed: row.missed_limits,
        failure: row.failure,
        simulated,
        source: simulated ? 'simulated' : 'estimated',
        error: number(row.error_percent),
        energyError: number(row.energy_error_percent),
        low: number(row.latency_low_cycles),
        high: number(row.latency_high_cycles),
        cycles: number(row.latency_cycles_predicted),
        predicted: {},
      };
      for (const metric of kMetrics) {
        out.predicted[metric] = number(row[`${metric}_predicted`]);
        out[metric] = simulated ? number(row[`${metric}_simulated`]) : out.predicted[metric];
      }
      return out;
    });

  const nameOf = (row) =>
    ({ finalist: `finalist ${row.finalist}`, front: `design ${row.id} of the front`, baseline: 'baseline' })[row.kind] ??
    `candidate ${row.id} (${row.kind})`;
  const errorOf = (row) =>
    row.source === 'simulated'
      ? `simulated${row.error == null ? '' : `; the prediction was ${lw.signed(row.error, 2)} % off`}`
      : row.low != null
        ? `estimated, ${lw.fixed(row.low)}–${lw.fixed(row.high)} cycles`
        : 'estimated';
  const geneList = (genes) => (genes ? genes.split('; ').map((gene) => gene.split('=')) : []);

  const convergence = (history, objectives) => {
    const names = ['hypervolume', ...objectives];
    const place = el('div');
    const show = (name) => {
      const points = [];
      let best = null,
        round = null;
      for (const row of history) {
        if (row.round !== round) [best, round] = [null, row.round];
        if (name === 'hypervolume') best = row.hypervolume;
        else if (row.kind === 'candidate' && row[name] != null && (best == null || (lw.quantity(name).more ? row[name] > best : row[name] < best)))
          best = row[name];
        if (best != null) points.push({ id: row.id, round: row.round, value: best, row });
      }
      // Steps alone are drawn: where nothing changes, the line goes on.
      const steps = points.filter(
        (point, index) =>
          index === 0 || index === points.length - 1 || point.value !== points[index - 1].value || point.round !== points[index - 1].round,
      );
      const rounds = new Set(points.map((point) => point.round)).size;
      const title = name === 'hypervolume' ? 'Hypervolume of the front so far' : `Best ${lw.quantity(name).title.toLowerCase()} so far`;
      place.replaceChildren(
        lw.figure({
          title,
          note:
            name === 'hypervolume'
              ? 'Of the front among the candidates priced so far, relative to the worst feasible ones; estimated.'
              : 'Among the candidates that keep every limit; estimated.',
          lines: (point) => [
            `candidate ${lw.fixed(point.id)}`,
            name === 'hypervolume' ? lw.number(point.value) : lw.told(name, point.value),
            rounds > 1 ? `round ${point.round}` : null,
            point.row.search,
          ],
          columns: [
            lw.numbers(
              'Candidate',
              '',
              (point) => point.id,
              (v) => lw.fixed(v),
            ),
            lw.numbers('Round', '', (point) => point.round),
            lw.numbers(title, lw.quantity(name).unit, (point) => point.value),
          ],
          rows: () => steps,
          draw(width) {
            const svg = lw.plot(width, {
              height: 280,
              marginLeft: 66,
              x: { label: 'candidates priced', labelAnchor: 'center', ticks: width < 520 ? 4 : 8, tickFormat: '~s' },
              y: { label: lw.titled(name), labelAnchor: 'center', grid: true, nice: true, ticks: 5, zero: name === 'hypervolume' },
              color: { type: 'identity' },
              marks: [
                Plot.line(steps, { x: 'id', y: 'value', z: 'round', curve: 'step-after', stroke: (point) => lw.color(point.round), strokeWidth: 2 }),
              ],
            });
            svg.setAttribute('data-marks', steps.length);
            const x = svg.scaleOf('x'),
              y = svg.scaleOf('y');
            return { svg, near: 'x', reach: 1e9, points: steps.map((row) => ({ x: x.apply(row.id), y: y.apply(row.value), row })) };
          },
        }),
      );
    };
    show('hypervolume');
    return [
      el(
        'div',
        { class: 'controls' },
        lw.select(
          'What is drawn',
          names.map((name) => [name, lw.titled(name)]),
          'hypervolume',
          show,
        ),
      ),
      place,
    ];
  };

  lw.views.codesign = (answer) => {
    const history = readHistory(lw.data('history')),
      front = readFront(lw.data('front'));
    const wanted = answer.objectives.map((text) => text.split(':')[0]).map((name) => kOld[name] ?? name);
    const objectives = wanted.filter((name) => kMetrics.includes(name));
    const baseTotals = answer.baseline.simulated ?? answer.baseline.predicted;
    const baseline = {
      ...baseTotals,
      kind: 'baseline',
      genes: '',
      source: answer.baseline.simulated ? 'simulated' : 'estimated',
      error: answer.baseline.error_percent,
      accuracy: answer.baseline.accuracy,
      simulated: answer.baseline.simulated != null,
      predicted: answer.baseline.predicted,
      edp: baseTotals.latency_ms * baseTotals.energy_uj,
      cycles: answer.baseline.predicted?.latency_cycles,
    };
    // What is drawn last lies on top.
    const rows = [
      ...d3.sort(
        history.filter((row) => row.kind !== 'cannot run'),
        (row) => (row.kind === 'candidate' ? 1 : 0),
      ),
      ...d3.sort(front, (row) => (row.kind === 'finalist' ? 1 : 0)),
      baseline,
    ];
    const metrics = kMetrics.filter((metric) => rows.some((row) => Number.isFinite(row[metric])));
    const [x, y] = [objectives[0] ?? 'latency_ms', objectives[1] ?? (objectives[0] === 'energy_uj' ? 'latency_ms' : 'energy_uj')];
    const lines = (row) => [
      nameOf(row),
      ...[...new Set([x, y, 'area_mm2'])]
        .filter((metric) => row[metric] != null)
        .map((metric) => `${lw.quantity(metric).title} ${lw.told(metric, row[metric])}`),
      errorOf(row),
      row.genes ? lw.short(row.genes.split('; ').slice(0, 4).join(', ') + (row.genes.split('; ').length > 4 ? ' …' : ''), 200) : null,
    ];
    const columns = [
      lw.text('Design', nameOf),
      ...metrics.slice(0, 8).map((metric) => lw.column(metric)),
      lw.text('Genes', (row) => row.genes),
      lw.text('Source and error', errorOf),
    ];
    const place = el('div', { class: 'detail', 'aria-live': 'polite' });
    const pick = (row) =>
      place.replaceChildren(
        el('h3', null, nameOf(row)),
        el(
          'div',
          { class: 'pair' },
          lw.list(
            [
              ...metrics.map((metric) => [
                lw.titled(metric),
                row[metric] == null
                  ? null
                  : `${lw.quantity(metric).write(row[metric])}${row.simulated && row.predicted?.[metric] != null ? ` (predicted ${lw.quantity(metric).write(row.predicted[metric])})` : ''}`,
              ]),
              ['Source and error', errorOf(row)],
              ['Misses limits', row.missed],
            ],
            'Figures',
          ),
          geneList(row.genes).length
            ? lw.table([lw.text('Gene', (gene) => gene[0]), lw.text('Value', (gene) => gene[1])], geneList(row.genes), {
                caption: 'What it takes instead of the baseline’s values',
              })
            : el('p', null, 'As the baseline.'),
        ),
      );
    const kinds = {
      candidate: 'var(--c9)',
      'misses a limit': 'color-mix(in oklab, var(--c9), var(--ground) 58%)',
      front: 'var(--c0)',
      finalist: 'var(--c1)',
      baseline: 'var(--c7)',
    };
    const links = ({ x: ax, y: ay, shown }) => {
      const moved = shown.filter((row) => row.simulated && row.predicted && row.predicted[ax] != null && row.predicted[ay] != null);
      return [
        Plot.link(moved, {
          x1: (row) => row.predicted[ax],
          y1: (row) => row.predicted[ay],
          x2: ax,
          y2: ay,
          stroke: 'var(--muted)',
          strokeWidth: 1.2,
        }),
      ];
    };
    const best = answer.finalists.map((design) => design.simulated ?? design.predicted);
    const cards = objectives.slice(0, 3).map((metric) => {
      const value =
        metric === 'accuracy'
          ? d3.max(answer.finalists, (design) => design.accuracy)
          : (lw.quantity(metric).more ? d3.max : d3.min)(best, (totals) => totals[metric]);
      const before = metric === 'accuracy' ? answer.baseline.accuracy : baseTotals[metric];
      return value == null
        ? null
        : [
            `Best ${lw.quantity(metric).title.toLowerCase()}`,
            lw.quantity(metric).write(value),
            lw.quantity(metric).unit,
            `of the finalists, simulated; baseline ${lw.told(metric, before)}${before ? ` (${lw.signed((100 * (value - before)) / before)} %)` : ''}`,
          ];
    });
    const errors = front.filter((row) => row.error != null).map((row) => Math.abs(row.error));
    const proven = [baseline, ...front].filter((row) => row.simulated);
    const simulatedAnswers = lw.data('finalists') ?? [],
      baseAnswer = lw.data('baseline');
    const estimator = answer.estimator ?? {};
    const cost = answer.cost ?? {};
    const sections = [
      lw.section(
        'At a glance',
        answer.failed
          ? el(
              'p',
              { class: 'notice' },
              answer.all_infeasible
                ? 'No design keeps every limit; shown are those that miss them least.'
                : 'A finalist misses a limit by simulation.',
            )
          : null,
        answer.fewer_finalists
          ? el('p', { class: 'notice' }, `${answer.finalists.length} of ${answer.finalists_asked} finalists: ${answer.fewer_finalists}.`)
          : null,
        answer.changed?.length ? el('p', { class: 'notice' }, `This run changed ${answer.changed.join('; ')}.`) : null,
        lw.cards([
          ...cards,
          ['Designs priced', lw.fixed(answer.evaluations), '', `estimated; ${lw.fixed(answer.feasible)} keep every limit`],
          ['On the front', lw.fixed(answer.front), 'designs', `${lw.fixed(answer.designs_simulated)} proven by simulation`],
          errors.length
            ? [
                'Error of the predictions',
                lw.fixed(d3.mean(errors), 2),
                '%',
                `of latency, mean over the front; worst ${lw.fixed(d3.max(errors), 2)} %`,
              ]
            : null,
          ['Space', lw.number(answer.designs_in_space), 'designs', `${answer.open_genes} genes`],
          cost.cpu_seconds != null
            ? [
                'This run took',
                lw.number(cost.cpu_seconds),
                'CPU seconds',
                `${lw.fixed(cost.simulations)} simulations, ${lw.fixed(cost.estimates)} estimates`,
              ]
            : null,
        ]),
        lw.list(
          [
            ['Objectives', answer.objectives.join(', ')],
            ['Limits', answer.limits.join(', ')],
            ['What stands for quality', answer.constraint],
            ['Algorithm', `${answer.algorithm}, seed ${answer.seed}; ended by ${answer.search_ended}`],
            ['Left out', answer.left_out.join('; ')],
            ['Free in the model', answer.free_keys.join(', ')],
          ],
          'The job',
        ),
      ),
      lw.section(
        'The front',
        lw.front({
          title: 'Candidates, front and finalists',
          rows,
          metrics,
          value: (row, metric) => row[metric],
          x,
          y,
          groups: [
            { name: 'kind', title: 'kind of design', of: (row) => row.kind },
            { name: 'search', title: 'part of the search', of: (row) => row.search ?? row.kind },
          ],
          note: 'Candidates are estimated; designs of the front are simulated where a line leads to them from where they were predicted. A click shows the design below.',
          front: (row) => ['front', 'finalist', 'baseline'].includes(row.kind),
          frontName: 'baseline, front and finalists',
          colors: (name) => kinds[name],
          lines,
          columns,
          pick,
          counts: (row) => row.kind !== 'misses a limit' && row.kind !== 'candidate',
          marks: links,
        }),
        place,
      ),
      lw.section('Convergence', convergence(history, objectives)),
      lw.section(
        'What finalists changed',
        el('p', null, 'The baseline above, the finalist below it, block by block; both simulated from the files of the job.'),
        lw.blocks(baseAnswer, simulatedAnswers, answer.finalists),
        lw.geneTable(answer.finalists),
      ),
      lw.section(
        'Predicted and simulated',
        el(
          'div',
          { class: 'pair' },
          ...['latency_ms', 'energy_uj'].map((metric) =>
            lw.agreement({
              title: lw.quantity(metric).title,
              note: 'Designs that were simulated; on the line the prediction is right.',
              rows: proven,
              truth: (row) => row[metric],
              guess: (row) => row.predicted[metric],
              truthTitle: 'simulated',
              guessTitle: 'predicted',
              unit: lw.quantity(metric).unit,
              group: (row) => row.kind,
              ...(metric === 'latency_ms'
                ? {
                    low: (row) => (row.low == null ? null : (row.predicted.latency_ms * row.low) / row.cycles),
                    high: (row) => (row.high == null ? null : (row.predicted.latency_ms * row.high) / row.cycles),
                  }
                : {}),
              lines: (row) => [
                nameOf(row),
                `predicted ${lw.told(metric, row.predicted[metric])}`,
                `simulated ${lw.told(metric, row[metric])}`,
                `error ${lw.signed((100 * (row.predicted[metric] - row[metric])) / row[metric], 2)} %`,
              ],
              columns: [
                lw.text('Design', nameOf),
                lw.numbers('Predicted', lw.quantity(metric).unit, (row) => row.predicted[metric]),
                lw.numbers('Simulated', lw.quantity(metric).unit, (row) => row[metric]),
                lw.numbers(
                  'Error',
                  '%',
                  (row) => (100 * (row.predicted[metric] - row[metric])) / row[metric],
                  (v) => lw.signed(v, 2),
                ),
              ],
            }),
          ),
        ),
        el(
          'p',
          null,
          `Who predicted: an estimator that was ${estimator.origin}${estimator.note ? ` (${estimator.note})` : ''}${estimator.probe ? `; on ${estimator.probe.designs} designs of this space before the search: mean error ${lw.fixed(estimator.probe.mean_error_percent, 2)} %, worst ${lw.fixed(estimator.probe.worst_error_percent, 2)} %` : ''}.`,
        ),
        answer.rounds.length ? lw.tree(answer.rounds, 'Rounds in which the estimator learned from finalists') : null,
      ),
      lw.section('Baseline and finalists', lw.finalistTable(answer)),
    ];
    if (answer.halving) sections.push(lw.section('Halving', lw.tree(answer.halving, 'Who judged how many')));
    if (answer.combined)
      sections.push(
        lw.section(
          'Trainings',
          lw.tree(answer.combined.stages, 'What each stage decided'),
          lw.tree(answer.combined.trained, 'Networks that were trained'),
        ),
      );
    sections.push(
      lw.section(
        'Cost',
        lw.list(
          [
            ['CPU time of this run', `${lw.number(cost.cpu_seconds)} s`],
            ['Energy of this run', `${lw.number(cost.kwh)} kWh at ${lw.number(cost.watts)} W per busy core`],
            [
              'Training every candidate instead',
              cost.training_every_candidate
                ? `${lw.number(cost.training_every_candidate.gpu_days)} GPU days, ${lw.number(cost.training_every_candidate.kwh)} kWh, at ${cost.training_every_candidate.gpu_hours_each} GPU hours each (assumed)`
                : null,
            ],
          ],
          'What this run cost',
        ),
      ),
    );
    return {
      lead: `${lw.fixed(answer.evaluations)} designs estimated, ${lw.fixed(answer.designs_simulated)} simulated, ${answer.finalists.length} finalists`,
      sections,
    };
  };
})();
