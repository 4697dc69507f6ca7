/** One long run that tries to break something, and what it has to show. */
export interface FaultRun {
  readonly name: string;
  /** What is done, in a sentence. */
  readonly what: string;
  readonly run: () => Promise<FaultResult> | FaultResult;
}

/** The figures of a run, in the order in which they are printed, and what of them must not be. */
export interface FaultResult {
  readonly figures: Readonly<Record<string, number | string>>;
  readonly wrong: readonly string[];
}

/** What is required of a figure: a least value, or exactly this one. */
export type Requirement = { readonly atLeast: number } | { readonly exactly: number };

/** Each requirement that a figure does not meet, as a sentence. */
export function unmet(figures: FaultResult['figures'], required: Readonly<Record<string, Requirement>>): readonly string[] {
  return Object.entries(required).flatMap(([name, requirement]) => {
    const value = figures[name];
    const isMet = typeof value === 'number' && ('exactly' in requirement ? value === requirement.exactly : value >= requirement.atLeast);
    const wanted = 'exactly' in requirement ? `must be ${requirement.exactly}` : `must be at least ${requirement.atLeast}`;
    return isMet ? [] : [`${name} ${wanted}, and is ${value ?? 'not there'}`];
  });
}
