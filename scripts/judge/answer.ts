import type { EpochMs } from 'poolwarden';

/** One upstream answer as it was given to the command, before it has an account and an instant. */
export interface Answer {
  /** What it is called: the capture's id, or the file it came from. */
  readonly id: string;
  /** null: not said, so that it is guessed. */
  readonly platform: string | null;
  readonly accountType: string | null;
  readonly model: string | null;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** A capture's label: an RFC 3339 instant, or `relative: <seconds>s`; null where there is none. */
  readonly resetAt: string | null;
}

/** An answer of which all is known. */
export interface Placed {
  readonly answer: Answer;
  readonly platform: string;
  readonly accountType: string;
  /** Whether platform or type were guessed from the answer. */
  readonly isGuess: boolean;
  readonly model: string | null;
  readonly receivedAt: EpochMs;
}

/** The first value of a header, whatever the case of its name; null where it is absent. */
export function headerOf(answer: Answer, name: string): string | null {
  const found = Object.entries(answer.headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return (typeof found === 'string' ? found : found?.[0]) ?? null;
}
