/** What a text is painted as. */
export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'plain';

const CODES: Readonly<Record<Exclude<Colour, 'plain'>, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** Paints a text, or leaves it. */
export type Paint = (text: string, colour: Colour) => string;

/** Paints with terminal codes where `isOn`. */
export function createPaint(isOn: boolean): Paint {
  if (!isOn) return (text) => text;
  return (text, colour) => (colour === 'plain' || text.trim() === '' ? text : `\u001b[${CODES[colour]}m${text}\u001b[0m`);
}

/** Whether a stream gets colours: a terminal, without NO_COLOR (https://no-color.org). */
export function wantsColour(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  const isRefused = environment.NO_COLOR !== undefined && environment.NO_COLOR !== '';
  return stream.isTTY === true && !isRefused && environment.TERM !== 'dumb';
}
