/** Runs one bench by name: `node dist/test/bench/run.js geofence`. */
import { readdirSync } from 'node:fs';
import type { BenchModule, BenchReport, BenchResult } from './contract.js';

const NO_BENCH = new Set(['run', 'contract', 'rounds', 'peers', 'seeded-random', 'temporary-postgis']);

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => /^[a-z-]+\.js$/.test(file))
  .map((file) => file.slice(0, -'.js'.length))
  .filter((name) => !NO_BENCH.has(name));

const [name] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  process.stderr.write(`Usage: npm run bench -- <name>; there are: ${names.join(', ')}\n`);
  process.exitCode = 2;
} else {
  const bench = (await import(`./${name}.js`)) as BenchModule;
  const report = await bench.run();
  process.stdout.write(tableOf(report));
  process.stdout.write(`${JSON.stringify(rounded(report))}\n`);
}

function tableOf({ bench, machine, rounds, results, ratios, notes }: BenchReport): string {
  const rows = results.map((result) =>
    result.value === 'missing'
      ? [result.who, 'missing', result.reason, '']
      : [
          result.version === undefined ? result.who : `${result.who} (${result.version})`,
          `${short(result.value)} ${result.unit}`,
          `${short(result.min)} to ${short(result.max)}`,
          `±${(((result.max - result.min) / 2 / result.value) * 100).toFixed(0)} %`,
        ],
  );
  const cells = [['', 'median', 'spread', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [
    `${bench}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${rounds} alternating rounds`,
    ...notes.map((note) => `  ${note}`),
    '',
    ...lines,
    '',
    ...Object.entries(ratios).map(([what, ratio]) => `${what}: ${ratio === 'missing' ? ratio : `${short(ratio)} ×`}`),
    '',
    '',
  ].join('\n');
}

/** Three figures, with k and M. */
function short(value: number): string {
  const [scale, letter] = value >= 1e6 ? [1e6, ' M'] : value >= 1e4 ? [1e3, ' k'] : [1, ''];
  const scaled = value / scale;
  return `${scaled.toFixed(scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2)}${letter}`;
}

/** Four figures are more than the spread allows; the rest would be noise to read past. */
function rounded(report: BenchReport): BenchReport {
  const four = (value: number): number => Number(value.toPrecision(4));
  return {
    ...report,
    results: report.results.map((result): BenchResult =>
      result.value === 'missing'
        ? result
        : { ...result, value: four(result.value), min: four(result.min), max: four(result.max) },
    ),
    ratios: Object.fromEntries(
      Object.entries(report.ratios).map(([what, ratio]) => [what, ratio === 'missing' ? ratio : four(ratio)]),
    ),
  };
}
