// SPDX-License-Identifier: Apache-2.0
// Tables of a codesign's finalists: what they take instead of the baseline's values, what they cost.
'use strict';
(() => {
  const lw = lanewise;

  // Genes as rows, finalists as columns: a cell is what the finalist takes instead of the baseline's value.
  lw.geneTable = (finalists) => {
    const genes = [...new Set(finalists.flatMap((design) => Object.keys(design.genes)))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    return lw.table(
      [
        lw.text('Gene', (gene) => gene),
        ...finalists.map((design, index) =>
          lw.text(
            `Finalist ${index + 1}`,
            (gene) => design.genes[gene] ?? '',
            (gene) => design.genes[gene] ?? '·',
          ),
        ),
      ],
      genes,
      { caption: 'What finalists take instead of the baseline’s values; a point: as the baseline', shown: 80 },
    );
  };

  lw.finalistTable = (answer) => {
    const rows = [
      { name: 'baseline', design: answer.baseline },
      ...answer.finalists.map((design, index) => ({ name: `finalist ${index + 1}`, design })),
      ...(answer.ablation ?? []).map((design) => ({ name: `${lw.words(design.name)} alone`, design })),
    ].map((row) => ({ ...row, now: row.design.simulated ?? row.design.predicted, source: row.design.simulated ? 'simulated' : 'estimated' }));
    const base = rows[0].now;
    const change = (name) =>
      lw.numbers(
        `${lw.quantity(name).title} change`,
        '%',
        (row) => (100 * (row.now[name] - base[name])) / base[name],
        (v) => lw.signed(v),
      );
    return lw.table(
      [
        lw.text('Design', (row) => row.name),
        lw.column('latency_ms', (row) => row.now.latency_ms),
        change('latency_ms'),
        lw.numbers('Predicted latency', 'ms', (row) => row.design.predicted?.latency_ms),
        lw.numbers(
          'Error of the latency',
          '%',
          (row) => row.design.error_percent,
          (v) => lw.signed(v, 2),
        ),
        lw.column('energy_uj', (row) => row.now.energy_uj),
        change('energy_uj'),
        lw.numbers(
          'Error of the energy',
          '%',
          (row) => row.design.energy_error_percent,
          (v) => lw.signed(v, 2),
        ),
        lw.column('area_mm2', (row) => row.now.area_mm2),
        lw.column('macs', (row) => row.now.macs),
        lw.column('parameters', (row) => row.now.parameters),
        lw.column('peak_sram_bytes', (row) => row.now.peak_sram_bytes),
        ...(rows.some((row) => row.design.accuracy != null) ? [lw.column('accuracy', (row) => row.design.accuracy)] : []),
        lw.text('Misses limits', (row) => row.design.missed_limits.map((miss) => `${miss.limit}: ${lw.number(miss.value)} by ${miss.by}`).join('; ')),
        lw.text('Files', (row) => [row.design.network_file, row.design.engine_file].filter(Boolean).join(', ')),
        lw.text('Source', (row) => row.source),
      ],
      rows,
      { caption: 'Baseline, finalists and what single kinds of genes reach alone' },
    );
  };
})();
