import type {Stage} from './types';

export interface Latency {
  stage: string;
  count: number;
  p50: number; // seconds; NaN when nothing happened, Infinity when it is above the last bound
  p99: number;
}

/** Linear within the bucket that holds the quantile: as exact as the buckets are narrow. */
function quantile(bounds: number[], cumulative: number[], share: number): number {
  const total = cumulative[cumulative.length - 1] ?? 0;
  if (total === 0) return NaN;
  const rank = share * total;
  const bucket = cumulative.findIndex((count) => count >= rank);
  const upper = bounds[bucket];
  if (upper === undefined) return Infinity;
  const lower = bounds[bucket - 1] ?? 0;
  const below = cumulative[bucket - 1] ?? 0;
  return lower + ((rank - below) / ((cumulative[bucket] ?? 0) - below)) * (upper - lower);
}

/** What happened between two looks. A gateway that was started between them has counted from zero again. */
export function latencies(now: Stage[], before: Stage[]): Latency[] {
  return [...now]
    .sort((a, b) => a.order - b.order)
    .map((stage) => {
      const old = before.find((each) => each.stage === stage.stage);
      const restarted = !old || old.cumulative.some((count, i) => count > (stage.cumulative[i] ?? 0));
      const counts = stage.cumulative.map((count, i) => (restarted ? count : count - (old.cumulative[i] ?? 0)));
      return {
        stage: stage.stage,
        count: counts[counts.length - 1] ?? 0,
        p50: quantile(stage.bounds_s, counts, 0.5),
        p99: quantile(stage.bounds_s, counts, 0.99),
      };
    });
}
