/** Colours by meaning; a page chooses the shade. */

/** How bad something is: red is out, amber is short or needs a look, orange needs a sign-in, yellow costs money, gray is off, green is good. */
export type Tone = 'red' | 'amber' | 'orange' | 'yellow' | 'gray' | 'green';
