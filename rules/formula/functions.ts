/** The functions of the language, by level, with how many arguments each takes. */

export type Arity = { least: number; most: number }

const any = Number.MAX_SAFE_INTEGER

/** Functions over the fields of one record. */
export const recordFunctions: ReadonlyMap<string, Arity> = new Map([
  ['if', { least: 3, most: 3 }],
  ['min', { least: 2, most: any }],
  ['max', { least: 2, most: any }],
  ['round', { least: 1, most: 2 }],
  ['abs', { least: 1, most: 1 }],
  ['coalesce', { least: 2, most: any }],
  ['sum', { least: 1, most: 1 }],
  ['count', { least: 1, most: 1 }],
  ['filled', { least: 1, most: 1 }],
  ['length', { least: 1, most: 1 }],
  ['daysBetween', { least: 2, most: 2 }],
])

/** Aggregates over many records. */
export const aggregateFunctions: ReadonlyMap<string, Arity> = new Map([
  ['sum', { least: 1, most: 1 }],
  ['count', { least: 0, most: 1 }],
  ['mean', { least: 1, most: 1 }],
  ['weightedMean', { least: 2, most: 2 }],
  ['min', { least: 1, most: 1 }],
  ['max', { least: 1, most: 1 }],
  ['latest', { least: 1, most: 1 }],
])

/** Functions of the record level that also work between aggregates. */
export const functionsBetweenAggregates: ReadonlySet<string> = new Set(['if', 'round', 'abs', 'coalesce'])

/** Aggregates that no record function shares a name with. */
export const onlyAggregates: ReadonlySet<string> = new Set(
  [...aggregateFunctions.keys()].filter((name) => !recordFunctions.has(name)),
)
