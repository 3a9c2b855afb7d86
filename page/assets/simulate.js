// SPDX-License-Identifier: Apache-2.0
// The page of `simulate`: what a network costs on an engine, and why.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;

  const layerColumns = (toMs) => [
    lw.text('Layer', (layer) => layer.name),
    lw.text('Block', (layer) => layer.block),
    lw.text('Kind', (layer) => lw.words(layer.family)),
    lw.numbers('Time in the network', 'ms', (layer) => layer.in_network_cycles * toMs),
    lw.numbers(
      'Alone',
      'cycles',
      (layer) => layer.latency_cycles,
      (v) => lw.fixed(v),
    ),
    lw.text('Bound by', (layer) => lw.words(layer.bound_by)),
    lw.column('utilization'),
    lw.column('energy_uj'),
    lw.column('dram_bytes'),
    lw.column('peak_sram_bytes'),
    lw.column('macs'),
    lw.text('Source', (layer) => layer.source ?? 'simulated'),
  ];

  const layerLines = (layer, toMs, whole) => [
    layer.name,
    `${lw.number(layer.in_network_cycles * toMs)} ms, ${lw.percent((100 * layer.in_network_cycles) / whole)} of the latency`,
    `bound by ${lw.words(layer.bound_by)}`,
    `${lw.number(layer.energy_uj)} µJ, ${lw.bytes(layer.dram_bytes)} of DRAM traffic`,
  ];

  const unitsOf = (units) =>
    Object.entries(units ?? {}).map(([unit, time]) => ({ unit, busy: time.busy_cycles, stalled: time.stalled_cycles, idle: time.idle_cycles }));

  // Over all layers, each alone.
  const allUnits = (layers) => {
    const sums = new Map();
    for (const layer of layers) {
      for (const { unit, busy, stalled, idle } of unitsOf(layer.units)) {
        const sum = sums.get(unit) ?? { unit, busy: 0, stalled: {}, idle: 0 };
        sum.busy += busy;
        sum.idle += idle;
        for (const [cause, cycles] of Object.entries(stalled)) sum.stalled[cause] = (sum.stalled[cause] ?? 0) + cycles;
        sums.set(unit, sum);
      }
    }
    return [...sums.values()];
  };

  const layerDetail = (layer, profile, toMs) => [
    el('h3', null, layer.name),
    el(
      'div',
      { class: 'pair' },
      lw.list(
        [
          ['Operators', layer.operators.join(', ')],
          ['Block', layer.block],
          ['Time in the network', `${lw.number(layer.in_network_cycles * toMs)} ms (${lw.fixed(layer.in_network_cycles)} cycles)`],
          ['Alone on an idle engine', `${lw.fixed(layer.latency_cycles)} cycles`],
          ['Bound by', lw.words(layer.bound_by)],
          ['Energy', lw.told('energy_uj', layer.energy_uj)],
          ['DRAM traffic', lw.told('dram_bytes', layer.dram_bytes)],
          ['On-chip peak', lw.told('peak_sram_bytes', layer.peak_sram_bytes)],
          ['MACs', lw.fixed(layer.macs)],
          ['Array used', lw.told('utilization', layer.utilization)],
          ['Of the roofline', profile ? lw.percent(profile.percent_of_roofline) : null],
          ['Lowest ceiling', profile?.ceiling ? `${lw.words(profile.ceiling)}, ${lw.number(profile.ceiling_macs_per_cycle)} MACs/cycle` : null],
          ['Stripes', layer.stripes > 1 ? lw.fixed(layer.stripes) : null],
        ],
        `Simulated; ${layer.name}`,
      ),
      el(
        'div',
        null,
        gains(layer.saved_if_doubled_cycles, 'What doubling a resource would save in this layer', toMs, layer.latency_cycles),
        layer.units && Object.keys(layer.units).length
          ? lw.unitBars({ title: 'What the units did in this layer', note: 'Simulated, the layer alone.', units: unitsOf(layer.units) })
          : null,
      ),
    ),
  ];

  const gains = (saved, title, toMs, whole) => {
    const rows = d3
      .sort(
        Object.entries(saved).map(([name, cycles]) => ({
          key: name,
          name: lw.words(name),
          value: cycles * toMs,
          color: lw.boundColor(name),
          share: (100 * cycles) / (whole || 1),
        })),
        (row) => -row.value,
      )
      .filter((row) => row.share >= 0.05);
    return rows.length === 0
      ? null
      : lw.bars({
          title,
          note: 'Found in the simulated run: the latency less what it would be were the resource twice as large or as fast.',
          data: rows,
          unit: 'ms saved',
          lines: (row) => [row.name, `${lw.number(row.value)} ms saved, ${lw.percent(row.share)} of the latency`, lw.resource(row.key)],
          columns: [
            lw.text('Resource', (row) => row.name),
            lw.numbers('Saved', 'ms', (row) => row.value),
            lw.numbers(
              'Share of the latency',
              '%',
              (row) => row.share,
              (v) => lw.fixed(v, 1),
            ),
            lw.text('What it is', (row) => lw.resource(row.key)),
          ],
          rows: () => rows,
        });
  };
  lw.gains = gains;

  let resources = null;
  lw.resource = (name) => (resources ??= lw.data('about')?.resources ?? {})[name] ?? '';

  const parts = (title, note, breakdown, unit) => {
    const whole = d3.sum(Object.values(breakdown)) || 1;
    const rows = d3
      .sort(
        Object.entries(breakdown).map(([name, value]) => ({ name: lw.words(name), value, share: (100 * value) / whole, color: lw.boundColor(name) })),
        (row) => -row.value,
      )
      .filter((row) => row.value > 0);
    return lw.bars({
      title,
      note,
      data: rows.map((row) => ({ ...row, color: 'var(--c6)' })),
      unit,
      lines: (row) => [row.name, `${lw.number(row.value)} ${unit}, ${lw.percent(row.share)}`],
      columns: [
        lw.text('Part', (row) => row.name),
        lw.numbers('Value', unit, (row) => row.value),
        lw.numbers(
          'Share',
          '%',
          (row) => row.share,
          (v) => lw.fixed(v, 1),
        ),
      ],
      rows: () => rows,
    });
  };

  const kLists = [
    ['changes', 'More of one quantity'],
    ['groups', 'Several keys of a unit together'],
    ['alternatives', 'Other choices'],
    ['reductions', 'Less of one quantity'],
    ['costs', 'Costs that change plans'],
  ];
  const keysText = (row) =>
    Object.entries(row.keys)
      .map(([key, { before, after }]) => `${key} ${before} → ${after}`)
      .join(', ');
  const sensitivity = (study) => {
    const all = kLists.flatMap(([list, title]) =>
      study[list].map((row) => ({ ...row, list: title, change: keysText(row), saved: study.before.latency_ms - (row.after?.latency_ms ?? NaN) })),
    );
    const moving = d3.sort(
      all.filter((row) => !row.failure && row.latency_gain_percent !== 0),
      (row) => -row.latency_gain_percent,
    );
    const names = kLists.map(([, title]) => title);
    const drawn = (moving.length > 40 ? [...moving.slice(0, 25), ...moving.slice(-15)] : moving).map((row) => ({
      ...row,
      name: row.change.length > 60 ? `${row.name} (${Object.keys(row.keys).length} keys)` : row.change,
      value: row.latency_gain_percent,
      color: lw.color(names.indexOf(row.list)),
    }));
    const columns = [
      lw.text('Change', (row) => row.change),
      lw.text('Kind', (row) => row.list),
      lw.numbers('Latency after', 'ms', (row) => row.after?.latency_ms),
      lw.numbers(
        'Latency saved',
        '%',
        (row) => row.latency_gain_percent,
        (v) => lw.signed(v),
      ),
      lw.numbers(
        'Energy change',
        '%',
        (row) => row.energy_change_percent,
        (v) => lw.signed(v),
      ),
      lw.numbers(
        'Area change',
        'mm²',
        (row) => row.area_change_mm2,
        (v) => lw.signed(v, 3),
      ),
      lw.text('Refused', (row) => row.failure),
    ];
    return lw.section(
      'Sensitivity',
      el(
        'p',
        null,
        `One change at a time, planned and simulated anew; before: ${lw.number(study.before.latency_ms)} ms, ${lw.number(study.before.energy_uj)} µJ, ${lw.number(study.before.area_mm2)} mm².`,
      ),
      drawn.length === 0
        ? el('p', null, 'No change moves the latency.')
        : lw.bars({
            title: 'Latency saved by each change',
            note: `Simulated. ${moving.length > 40 ? `The 25 that help most and the 15 that hurt most of ${moving.length} that move the latency.` : `${moving.length} of ${all.length} move the latency.`}`,
            data: drawn,
            unit: '% of the latency saved',
            write: (v) => lw.signed(v),
            columns,
            rows: () => all,
            legend: lw.legend(
              names.filter((name) => drawn.some((row) => row.list === name)).map((name) => ({ text: name, color: lw.color(names.indexOf(name)) })),
            ),
            lines: (row) => [
              row.change,
              `${lw.signed(row.latency_gain_percent)} % of the latency saved: ${lw.number(row.after.latency_ms)} ms`,
              `energy ${lw.signed(row.energy_change_percent)} %, area ${lw.signed(row.area_change_mm2, 3)} mm²`,
            ],
          }),
      study.best.length
        ? [
            el('h3', null, 'What would help most'),
            el(
              'ol',
              null,
              study.best.map((row) =>
                el(
                  'li',
                  null,
                  `${keysText(row)}: ${lw.number(row.after.latency_ms)} ms (${lw.signed(-row.latency_gain_percent)} %), ` +
                    `area ${lw.signed(row.area_change_mm2, 3)} mm², energy ${lw.signed(row.energy_change_percent)} %`,
                ),
              ),
            ),
          ]
        : null,
    );
  };

  const one = (answer, profile, memory) => {
    const { total, subgraphs: layers } = answer;
    const toMs = total.latency_ms / (total.latency_cycles || 1);
    const error = answer.source === 'simulated' ? `simulated; ${answer.rtl_check?.text ?? ''}` : `estimated, ${lw.errorText(answer)}`;
    const place = el('div', { class: 'detail', 'aria-live': 'polite', id: lw.newId('layer') });
    const index = new Map(layers.map((layer, at) => [layer, at]));
    const pick = (layer) => {
      if (layer.others) return;
      place.replaceChildren(...layerDetail(layer, profile?.subgraphs[index.get(layer)], toMs));
    };
    const lines = (layer) => layerLines(layer, toMs, total.latency_cycles);
    const columns = layerColumns(toMs);
    const cycles = (layer) => layer.in_network_cycles;
    const overrides = Object.entries(answer.engine_overrides ?? {});
    const shares = lw.boundShares(layers, cycles);
    const sections = [
      lw.section(
        'At a glance',
        answer.warnings?.map((warning) => el('p', { class: 'notice' }, warning)),
        lw.cards([
          lw.card('latency_ms', total.latency_ms, error),
          lw.card('inferences_per_second', total.inferences_per_second, answer.source),
          lw.card('energy_uj', total.energy_uj, answer.source),
          lw.card('average_power_mw', total.average_power_mw, answer.source),
          lw.card('area_mm2', total.area_mm2, 'by the area model of the engine'),
          ['Bound by', lw.words(total.bound_by), '', (total.bound_by_keys ?? []).join(', ')],
          lw.card('utilization', total.utilization, `${answer.source}, of the peak int8 MACs`),
          ['DRAM traffic', lw.bytes(total.dram_bytes), '', answer.source],
          ['On-chip peak', lw.bytes(total.peak_sram_bytes), '', `${answer.source}, of the layer that needs most`],
          ['MACs', lw.number(total.macs), '', 'of the network'],
          ['Parameters', lw.number(total.parameters), '', `${lw.bytes(total.parameter_bytes)} in their precisions`],
          ['Of the roofline', lw.fixed(profile?.total.percent_of_roofline, 1), '%', 'what the whole network reaches of what no schedule exceeds'],
        ]),
        total.interval ? el('p', null, `Estimated latency: ${lw.interval(total.interval)}.`) : null,
        overrides.length
          ? el('p', null, 'Changed from the engine’s file: ', el('code', null, overrides.map(([key, value]) => `${key}=${value}`).join(', ')))
          : null,
      ),
      lw.section(
        'Where the time goes',
        el(
          'p',
          null,
          `${lw.fixed(layers.length)} layers; most of the time is bound by ${shares
            .slice(0, 2)
            .map(({ name, share }) => `${lw.words(name)} (${lw.percent(share)})`)
            .join(' and ')}.`,
        ),
        lw.timeStrip({
          title: 'The run from beginning to end',
          note: 'Every layer as long as it takes in the network, coloured by the resource that would save most were it doubled. Simulated.',
          layers,
          cycles,
          toMs,
          lines,
          pick,
          columns,
        }),
        gains(total.saved_if_doubled_cycles, 'What doubling a resource would save', toMs, total.latency_cycles),
        lw.layerBars({
          title: 'Layer by layer',
          note: 'Time of each layer in the network, simulated; a click shows the layer below.',
          layers,
          cost: (layer) => layer.in_network_cycles * toMs,
          unit: 'ms',
          lines,
          pick,
          columns,
        }),
        place,
      ),
    ];
    if (profile) {
      const roofline = lw.roofline({
        profile,
        layers,
        lines,
        pick,
        columns: [
          lw.text('Layer', (point) => point.name),
          lw.numbers('Intensity', 'MACs/DRAM byte', (point) => point.macs_per_dram_byte),
          lw.numbers('Reached', 'MACs/cycle', (point) => point.macs_per_cycle),
          lw.numbers('Attainable', 'MACs/cycle', (point) => point.attainable_macs_per_cycle),
          lw.numbers(
            'Of the roofline',
            '%',
            (point) => point.percent_of_roofline,
            (v) => lw.fixed(v, 1),
          ),
          lw.text('Lowest ceiling', (point) => lw.words(point.ceiling)),
          lw.text('Bound by', (point) => lw.words(point.bound_by)),
        ],
      });
      sections.push(
        lw.section(
          'Roofline and units',
          roofline ?? el('p', null, 'No layer has MACs and DRAM traffic to draw.'),
          layers.some((layer) => layer.units && Object.keys(layer.units).length)
            ? lw.unitBars({ title: 'What the units did', note: 'Summed over the layers, each simulated alone.', units: allUnits(layers) })
            : null,
        ),
      );
    }
    if (memory && memory.activation_banks > 0) {
      sections.push(
        lw.section(
          'Memory',
          lw.cards([
            ['Kept on chip', lw.fixed(memory.total.kept_tensors), 'tensors', lw.bytes(memory.total.kept_bytes)],
            ['Spilled to DRAM', lw.fixed(memory.total.spilled_tensors), 'tensors', lw.bytes(memory.total.spilled_bytes)],
            ['On-chip peak', lw.bytes(memory.total.onchip_peak_bytes), '', 'of tensors kept between layers'],
            ['DRAM traffic saved', lw.bytes(memory.total.saved_dram_bytes), '', 'by the closed form'],
            ['Live activations', lw.bytes(memory.total.live_activation_bytes), '', 'at most, without tiling'],
          ]),
          lw.memoryMap({ memory, layers, cycles, toMs }),
        ),
      );
    }
    sections.push(
      lw.section(
        'Energy and area',
        el(
          'div',
          { class: 'pair' },
          total.energy_breakdown_uj
            ? parts('Energy by unit', 'Simulated activity times the engine’s energies per action.', total.energy_breakdown_uj.by_unit, 'µJ')
            : null,
          total.energy_breakdown_uj
            ? parts('Energy by action', 'The same energy, by what it is spent on.', total.energy_breakdown_uj.by_action, 'µJ')
            : null,
          parts('Area', 'By the engine’s area model.', total.area_breakdown_mm2, 'mm²'),
        ),
      ),
    );
    if (answer.sensitivity) sections.push(sensitivity(answer.sensitivity));
    sections.push(
      lw.section(
        'All layers',
        lw.table(columns, layers, {
          caption: `Layers of ${answer.network}, in the order in which they run`,
          pick: (layer) => {
            pick(layer);
            place.scrollIntoView({ block: 'nearest' });
          },
        }),
      ),
    );
    return sections;
  };

  lw.views.simulate = (answer) => {
    const answers = Array.isArray(answer) ? answer : [answer];
    const profiles = lw.data('profile') ?? [],
      memories = lw.data('memory') ?? [];
    const lead = (at) =>
      `${answers[at].source} latency ${lw.told('latency_ms', answers[at].total.latency_ms)} at ${lw.told('energy_uj', answers[at].total.energy_uj)}, ` +
      `on ${lw.told('area_mm2', answers[at].total.area_mm2)}`;
    if (answers.length === 1) return { lead: lead(0), sections: one(answers[0], profiles[0], memories[0]) };
    const place = el('div');
    const rows = answers.map((each, at) => ({ ...each.total, name: each.network, value: each.total.latency_ms, at, source: each.source }));
    const show = (at) => place.replaceChildren(el('h2', null, answers[at].network), ...one(answers[at], profiles[at], memories[at]));
    show(0);
    return {
      sections: [
        lw.section(
          'Networks',
          lw.bars({
            title: 'Latency of each network',
            note: `${answers[0].source}; a click shows the network below.`,
            data: rows,
            unit: 'ms',
            pick: (row) => show(row.at),
            lines: (row) => [row.name, lw.told('latency_ms', row.latency_ms), lw.told('energy_uj', row.energy_uj)],
            columns: [
              lw.text('Network', (row) => row.name),
              ...['latency_ms', 'energy_uj', 'area_mm2', 'utilization', 'dram_bytes', 'macs', 'parameters'].map((name) => lw.column(name)),
              lw.text('Source', (row) => row.source),
            ],
            rows: () => rows,
          }),
          lw.select(
            'Network shown below',
            rows.map((row) => [row.at, row.name]),
            0,
            show,
          ),
        ),
        lw.section('Network', place),
      ],
    };
  };
})();
