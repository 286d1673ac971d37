// Numbers are formatted as text, never through binary floating point.

/** 1234567.50 → 1,234,567.50; "" for nothing. */
export function grouped(decimal: string | null): string {
  if (decimal === null) return '';
  const [whole = '', fraction] = decimal.split('.');
  const digits = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

/** Money without its cents, rounded down in size: a glance, not an account. */
export function wholeUnits(decimal: string): string {
  return grouped(decimal.split('.')[0] ?? '');
}

export function isZero(decimal: string): boolean {
  return /^-?0*(\.0*)?$/.test(decimal);
}

/** Compares two exact decimals of any size. */
export function compareDecimals(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  const scaled = (text: string): bigint => {
    const [whole = '0', fraction = ''] = text.split('.');
    return BigInt(whole + fraction.padEnd(12, '0').slice(0, 12));
  };
  const [x, y] = [scaled(a), scaled(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Time of day in UTC with milliseconds, from ISO 8601. */
export function timeOfDay(iso: string | null): string {
  return iso === null ? '' : iso.slice(11, 23).replace('Z', '');
}

/** Seconds in the unit in which they are read: 850 ns, 3.2 µs, 12 ms. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '> 1 s';
  const [scale, unit] = seconds < 1e-6 ? [1e9, 'ns'] : seconds < 1e-3 ? [1e6, 'µs'] : seconds < 1 ? [1e3, 'ms'] : [1, 's'];
  const value = seconds * (scale as number);
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

/** The class that colours a side. */
export function sideClass(side: string): string {
  return side.startsWith('sell') ? 'sell' : 'buy';
}

export function words(name: string): string {
  return name.replaceAll('_', ' ');
}
